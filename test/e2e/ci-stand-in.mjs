// Owns the stand-ins for gh, curl and npm in the tests of examples/ci: they keep the comments of one change in a file, as
// GitHub and GitLab do, and refuse whatever the jobs do not use. Never reaches a network.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const [name, ...argv] = process.argv.slice(2);
const file = process.env.STAND_IN;
const state = JSON.parse(readFileSync(file, 'utf8'));
state.calls.push([name, ...argv]);
const save = () => writeFileSync(file, JSON.stringify(state));

function refuse(message, code = 1) {
  save();
  process.stderr.write(`${message}\n`);
  process.exit(code);
}

/** Options with a value by their name, each of which must be known; and what is no option. */
function readArguments(words, valued, flags = []) {
  const options = {};
  const rest = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at];
    if (valued.includes(word)) {
      at += 1;
      options[word] = words[at];
    } else if (flags.includes(word)) options[word] = true;
    else if (word.startsWith('-')) refuse(`the stand-in for ${name} knows no ${word}`);
    else rest.push(word);
  }
  return { options, rest };
}

/** What stands in the file that `body=@FILE` names: a body on the command line would be too long for some system. */
function bodyOf(field) {
  const path = /^body=?@(.+)$/.exec(field ?? '')?.[1];
  if (path === undefined) refuse(`the body is not given by a file: ${field}`);
  return readFileSync(path, 'utf8');
}

function answer(method, { list, one, query }, field, make) {
  if (method === 'GET' && list) {
    const size = Number(query.get('per_page') ?? 30);
    const from = (Number(query.get('page') ?? 1) - 1) * size;
    return state.comments.slice(from, from + size);
  }
  if (state.readOnly === true) return undefined;
  const body = bodyOf(field);
  if (list) {
    const comment = { id: 1000 + state.comments.length, body, ...make };
    state.comments.push(comment);
    return comment;
  }
  const comment = state.comments.find(({ id }) => String(id) === one);
  if (comment === undefined) refuse(`no comment ${one}`);
  comment.body = body;
  return comment;
}

const programs = {
  gh() {
    const { options, rest } = readArguments(argv, ['--method', '--field']);
    const [command, path = ''] = rest;
    if (command !== 'api' || rest.length !== 2) refuse(`gh ${argv.join(' ')}?`);
    if ((process.env.GH_TOKEN ?? '') === '') refuse('gh: set the GH_TOKEN environment variable', 4);
    const { pathname, searchParams: query } = new URL(path, 'https://api.example/');
    const repository = `/repos/${process.env.GITHUB_REPOSITORY}/issues`;
    const list = pathname === `${repository}/${state.number}/comments`;
    const one = pathname.startsWith(`${repository}/comments/`) ? basename(pathname) : undefined;
    if (!list && one === undefined) refuse('gh: Not Found (HTTP 404)');
    const method = options['--method'] ?? 'GET';
    if (!['GET', list ? 'POST' : 'PATCH'].includes(method)) refuse('gh: Not Found (HTTP 404)');
    const make = { user: { login: 'github-actions[bot]', type: 'Bot' }, author_association: 'NONE' };
    const said = answer(method, { list, one, query }, options['--field'], make);
    if (said === undefined) refuse('gh: Resource not accessible by integration (HTTP 403)');
    process.stdout.write(JSON.stringify(said));
  },

  curl() {
    const valued = ['--config', '--output', '--request', '--data-urlencode'];
    const { options, rest } = readArguments(argv, valued, ['--silent', '--show-error', '--fail']);
    const config = options['--config'] === '-' ? readFileSync(0, 'utf8') : '';
    if (!config.includes(`"PRIVATE-TOKEN: ${state.token}"`)) refuse('curl: (22) error: 401', 22);
    const { href, pathname, searchParams: query } = new URL(rest[0]);
    if (rest.length !== 1 || !href.startsWith(`${process.env.CI_API_V4_URL}/`)) refuse('curl: (6) which host?', 6);
    const me = { id: 7, username: 'charter-bot' };
    const notes = `/api/v4/projects/${process.env.CI_MERGE_REQUEST_PROJECT_ID}/merge_requests/${state.number}/notes`;
    const list = pathname === notes;
    const one = pathname.startsWith(`${notes}/`) ? basename(pathname) : undefined;
    const method = options['--request'] ?? 'GET';
    let said;
    if (method === 'GET' && pathname === '/api/v4/user') said = me;
    else if (list || one !== undefined) {
      if (!['GET', list ? 'POST' : 'PUT'].includes(method)) refuse('curl: (22) error: 404', 22);
      said = answer(method, { list, one, query }, options['--data-urlencode'], { author: me });
    }
    if (said === undefined) refuse('curl: (22) The requested URL returned error: 403', 22);
    writeFileSync(options['--output'], JSON.stringify(said));
  },

  npm() {
    const { options, rest } = readArguments(argv, ['--pack-destination'], ['--silent', '--global']);
    if (rest[0] === 'pack' && rest.length === 2) {
      writeFileSync(join(options['--pack-destination'], 'charter-9.9.9.tgz'), rest[1]);
      process.stdout.write('charter-9.9.9.tgz\n');
    } else if (rest[0] === 'install' && options['--global'] === true && rest.length === 2) {
      if (!existsSync(rest[1])) refuse(`npm error ENOENT ${rest[1]}`);
    } else if (rest.join(' ') !== 'ci') {
      refuse(`npm ${argv.join(' ')}?`);
    }
  },
};

programs[name]();
save();
