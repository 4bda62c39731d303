// Owns the spec that the benchmarks compile: made by rule, so that every run and every machine has the same one.
// Never writes or reads a file.

const GRANTS = ['client_credentials'];
const LIFETIMES = ['5m', '10m', '15m', '30m'];
const AREAS = ['billing', 'ledger', 'search', 'catalogue', 'shipping', 'identity', 'reports', 'inventory'];

/**
 * One site document in each file, and a server document beside them: `{ path, text }[]`. Equal arguments give equal
 * texts. It has no error and no warning, so that all that is measured is the way of a spec that is served.
 */
export function specFiles({ applications, files }) {
  const perFile = Math.ceil(applications / files);
  const made = [{ path: 'server.yaml', text: SERVER }];
  for (let file = 0; file < files; file += 1) {
    const count = Math.min(perFile, applications - file * perFile);
    if (count > 0) made.push({ path: `sites/${siteName(file)}.yaml`, text: siteText(file, count) });
  }
  return made;
}

/** The same file after somebody changed one application in it. */
export function edited({ path, text }) {
  return { path, text: text.replace('access_ttl: 5m', 'access_ttl: 6m') };
}

const SERVER = `# yaml-language-server: $schema=../schema/server.schema.json
server:
  issuer: https://id.example.com
  tokens: { access_ttl: 10m }
methods:
  machine: { type: client_credentials }
scopes:
${AREAS.map((area) => `  ${area}.read: { descriptions: [{ key: en, value: Read ${area} }] }`).join('\n')}
`;

const siteName = (file) => `team-${String(file).padStart(4, '0')}`;

/** Every second application is a service that the one before it calls. */
function siteText(file, count) {
  const site = siteName(file);
  const lines = [
    '# yaml-language-server: $schema=../../schema/site.schema.json',
    `site: ${site}`,
    'methods: [machine]',
    'defaults:',
    '  applications: { methods: [machine] }',
    '  users: { methods: [machine] }',
    'applications:',
  ];
  for (let number = 0; number < count; number += 1) lines.push(...applicationLines(site, file, number, count));
  lines.push('groups:');
  for (let group = 0; group < groupsOf(count); group += 1) {
    const members = usersOf(count, (user) => user % groupsOf(count) === group);
    lines.push(
      `  callers-${group}:`,
      '    methods: [machine]',
      '    members:',
      ...members.map((name) => `      - ${name}`),
    );
  }
  lines.push('users:');
  for (const name of usersOf(count)) {
    lines.push(
      `  ${name}:`,
      '    attributes:',
      `      mail: ${name}@${site}.example.com`,
      `      unit: "${AREAS[(file + name.length) % AREAS.length]} / ${site}"`,
    );
  }
  return `${lines.join('\n')}\n`;
}

const groupsOf = (count) => Math.max(1, Math.ceil(count / 10));

/** A service user for every pair of applications. */
function usersOf(count, chosen = () => true) {
  const users = [];
  for (let user = 0; user < Math.ceil(count / 2); user += 1) if (chosen(user)) users.push(`robot-${user}`);
  return users;
}

function applicationLines(site, file, number, count) {
  const area = AREAS[(file * 7 + number) % AREAS.length];
  const name = `${area}-${number}`;
  const groups = groupsOf(count);
  const isService = number % 2 === 1 || number + 1 === count;
  const id = `${site}.${name}`;
  const variable = id.toUpperCase().replace(/[^A-Z0-9]/g, '_');
  const own = [`  ${name}:`, `    client_id: ${id}`, `    secret: { env: ${variable}_SECRET }`];
  const tokens = ['    tokens:', '      format: jwt', `      access_ttl: ${LIFETIMES[number % LIFETIMES.length]}`];
  if (isService) {
    return [
      ...own,
      '    # Who may call it: the robots of these groups.',
      `    allowed_to: [callers-${number % groups}, callers-${(number >> 1) % groups}]`.replace(
        /\[(\S+), \1\]/,
        '[$1]',
      ),
      ...tokens,
      '    metadata:',
      '      grant_types: []',
      `      client_name: ${area} service ${number} of ${site}`,
    ];
  }
  const called = AREAS[(file * 7 + number + 1) % AREAS.length];
  const service = `${site}.${called}-${number + 1}`;
  return [
    ...own,
    `    impersonates: robot-${number / 2}`,
    `    allowed_to: [callers-${(number / 2) % groups}]`,
    ...tokens,
    '    client_ip_range:',
    `      - 10.${file % 256}.${number % 256}.0/24`,
    '      - 192.168.0.0/16',
    '    metadata:',
    `      grant_types: [${GRANTS.join(', ')}]`,
    '      token_endpoint_auth_method: client_secret_basic',
    `      scope: ${service} ${called}.read`,
    `      client_name: ${area} batch ${number} of ${site}`,
  ];
}
