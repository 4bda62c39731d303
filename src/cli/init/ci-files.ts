// Owns the CI jobs that `charter init` writes: at every change the format and the validity of the spec, and before it lands
// what it changes in access. They agree with examples/ci, which has more. Never knows a disk.

const INSTALL = [
  'INSTALL: how charter comes to this job. Set the variable CHARTER_PACKAGE to anything that npm can pack: the URL of a',
  'Git repository (git+https://…#v0.1.0), or of a tarball that npm pack made, or the ./path of one in this repository.',
];

/**
 * Packed first: npm does not build what it installs globally from Git (https://github.com/npm/cli/issues/8440). In two
 * commands: the shell goes on after one that fails within the words of another.
 */
function install(directory: string): readonly string[] {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell fills it in
  const wanted = '"${CHARTER_PACKAGE:?is not set, see INSTALL in this file}"';
  return [
    `packed=$(npm pack --silent --pack-destination "${directory}" ${wanted})`,
    `npm install --global "${directory}/$packed"`,
  ];
}

/** Why the plan does not begin at the tip of the branch into which a change is to go. */
const SINCE = 'From the commit where it left its base: what landed there since is no change of this one.';

export function githubWorkflow(directory: string): string {
  const spec = shell(directory);
  return `name: charter
on:
  pull_request:
  push:
    branches: [main]
permissions:
  contents: read
jobs:
  spec:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
        with:
          # Back to where a pull request left its base branch: the plan begins there.
          fetch-depth: 0
          persist-credentials: false
      - uses: actions/setup-node@v4
        with:
          node-version: 22
${INSTALL.map((line) => `      # ${line}`).join('\n')}
      # (Settings, Secrets and variables, Actions, Variables. A pull request from a fork sees none: write it here for those.)
      - name: Install charter
        id: install
        run: |
${install('$RUNNER_TEMP')
  .map((line) => `          ${line}`)
  .join('\n')}
        env:
          CHARTER_PACKAGE: \${{ vars.CHARTER_PACKAGE }}
      - run: ${scalar(`charter fmt --check ${spec}`)}
      - run: ${scalar(`charter validate ${spec}`)}
        if: \${{ !cancelled() && steps.install.outcome == 'success' }}
      # ${SINCE}
      - name: Plan
        if: \${{ !cancelled() && steps.install.outcome == 'success' && github.event_name == 'pull_request' }}
        run: |
          since=$(git merge-base "origin/$GITHUB_BASE_REF" HEAD)
          charter plan ${spec} --against "ref:$since" --github --md "$GITHUB_STEP_SUMMARY"
`;
}

export function gitlabPipeline(directory: string): string {
  const spec = shell(directory);
  return `workflow:
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
variables:
  # Back to where a merge request left its target branch: the plan begins there.
  GIT_DEPTH: 0
default:
  image: node:22
  before_script:
${INSTALL.map((line) => `    # ${line}`).join('\n')}
    # (Settings, CI/CD, Variables.)
${install('/tmp')
  .map((line) => `    - ${line}`)
  .join('\n')}

charter:
  script:
    - ${scalar(`charter validate ${spec} --junit charter-junit.xml`)}
    - ${scalar(`charter fmt --check ${spec}`)}
  artifacts:
    when: always
    reports:
      junit: charter-junit.xml

charter plan:
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
  script:
    - target="refs/remotes/origin/$CI_MERGE_REQUEST_TARGET_BRANCH_NAME"
    - git fetch --quiet --no-tags origin "+refs/heads/$CI_MERGE_REQUEST_TARGET_BRANCH_NAME:$target"
    # ${SINCE}
    - since=$(git merge-base "$target" HEAD)
    - ${scalar(`charter plan ${spec} --against "ref:$since" --md plan.md --junit plan.xml`)}
  artifacts:
    when: always
    paths: [plan.md]
    reports:
      junit: plan.xml
`;
}

/** A command as YAML reads it whole. */
function scalar(command: string): string {
  return /: | #/.test(command) ? JSON.stringify(command) : command;
}

/** A path as a shell takes it for one word. */
export function shell(path: string): string {
  return /^[A-Za-z0-9_./@+-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
