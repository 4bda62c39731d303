// Owns the CI jobs that `charter init` writes: format and validity of the spec at every change. Never knows a disk.

const INSTALL = [
  'INSTALL: how charter comes to this job. Set the variable CHARTER_PACKAGE to anything that npm can install: the URL of',
  'a Git repository (git+https://…#v0.1.0), or of a tarball that npm pack made, or its path in this repository.',
];
// biome-ignore lint/suspicious/noTemplateCurlyInString: the shell fills it in
const COMMAND = 'npm install --global "${CHARTER_PACKAGE:?is not set, see INSTALL in this file}"';

export function githubWorkflow(directory: string): string {
  return `name: charter
on:
  push:
    branches: [main]
  pull_request:
permissions:
  contents: read
jobs:
  spec:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with:
          node-version: 22
${INSTALL.map((line) => `      # ${line}`).join('\n')}
      # (Settings, Secrets and variables, Actions, Variables.)
      - name: Install charter
        run: ${COMMAND}
        env:
          CHARTER_PACKAGE: \${{ vars.CHARTER_PACKAGE }}
      - run: charter fmt --check ${shell(directory)}
      - run: charter validate ${shell(directory)} --github
        if: always()
`;
}

export function gitlabPipeline(directory: string): string {
  return `charter:
  image: node:22
  before_script:
${INSTALL.map((line) => `    # ${line}`).join('\n')}
    # (Settings, CI/CD, Variables.)
    - ${COMMAND}
  script:
    - charter validate ${shell(directory)} --junit charter-junit.xml
    - charter fmt --check ${shell(directory)}
  artifacts:
    when: always
    reports:
      junit: charter-junit.xml
`;
}

/** A path as a shell takes it for one word. */
export function shell(path: string): string {
  return /^[A-Za-z0-9_./@+-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
