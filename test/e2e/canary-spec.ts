// Owns a good spec with canaries in all its secrets: values of variables and files, what is behind written hashes, the hashes
// themselves, and what nobody asked about beside them. Never runs the program.

import { hash } from '@node-rs/argon2';
import { type Canaries, createCanaries, generatedSecret } from './canary.ts';
import type { Workspace } from './charter.ts';

/** OWASP's smallest profile, the default of `charter secret hash`. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

export interface CanarySpec {
  /** What stands in no output and in no store. */
  readonly secrets: Canaries;
  /** Written hashes: what stands in no output, but in a store and in an export. */
  readonly hashes: Canaries;
  /** What is no secret: it must be found, or the search finds nothing at all. */
  readonly harmless: Canaries;
  readonly env: Readonly<Record<string, string>>;
  /** The same variables with other values. */
  readonly rotatedEnv: Readonly<Record<string, string>>;
  /** By client_id, what its requests authenticate with. */
  readonly presented: Readonly<Record<string, string>>;
  /** The secret that `rotateFile` puts in place of FileGenerated's. */
  readonly rotatedFile: string;
  writeFirst(): void;
  /** Another name and hash, secrets that go from place to place, an application less, and all idle users but one gone. */
  writeSecond(): void;
  rotateFile(): void;
}

/** Clients that stay. */
export const CLIENTS = ['EnvHuman', 'EnvGenerated', 'FileHuman', 'FileGenerated', 'Hashed', 'Several'] as const;
/** So that taking them away is a risk. */
const IDLE = ['Idle1', 'Idle2', 'Idle3', 'Idle4', 'Idle5'];

export async function createCanarySpec({ write, issuer }: Workspace): Promise<CanarySpec> {
  const [secrets, hashes, harmless] = [createCanaries(), createCanaries(), createCanaries()];
  const human = (place: string) => secrets.plant(place);
  const generated = (place: string) => secrets.watch(place, generatedSecret());
  const behindHash = {
    first: human('behind the hash'),
    next: human('behind the next hash'),
    moved: human('behind env'),
  };
  const hashed = async (place: string, secret: string) => {
    const phc = await hash(secret, COST);
    for (const part of phc.split('$').slice(-2)) hashes.watch(place, part);
    return phc;
  };
  const phc = {
    first: await hashed('the hash', behindHash.first),
    next: await hashed('the next hash', behindHash.next),
    several: await hashed('the hash of several', human('behind the hash of several')),
    moved: await hashed('the hash in place of env', behindHash.moved),
    overlay: await hashed('the hash of an overlay', human('behind the hash of an overlay')),
  };
  const env = {
    ENV_HUMAN: human('env'),
    ENV_GENERATED: generated('env, generated'),
    SERVER1_SECRET: human('env of the server'),
    GONE_SECRET: human('env of what goes'),
    OTHER_PASSWORD: human('a variable that nobody names'),
  };
  const rotatedEnv = {
    ...env,
    ENV_HUMAN: human('env, rotated'),
    ENV_GENERATED: generated('env, generated and rotated'),
    SERVER1_SECRET: human('env of the server, rotated'),
  };
  const files = {
    human: human('a file'),
    generated: generated('a file, generated'),
    several: human('a file of several'),
    unnamed: human('a file that nobody names'),
  };
  const rotatedFile = human('a file, rotated');
  const names = { first: harmless.plant('client_name'), second: harmless.plant('the next client_name') };
  const comments = Array.from({ length: 3 }, (_, number) => human(`a comment or an own key (${number + 1})`));

  const client = (name: string, secret: string, metadata = '') => `
  ${name}:
    ${secret}
    allowed_to: [Clients]
    impersonates: User1
    metadata: { grant_types: [client_credentials], scope: Server1${metadata} }
`;
  const writeSpec = (second: boolean): void => {
    write(
      'server.yaml',
      `
server: { issuer: "${issuer}", profiles: [ubisecure], directory: { base_dn: dc=test } }
methods: { m1: { type: client_credentials } }
`,
    );
    // What nobody may reach or use is a warning, which quotes its line: secrets in the rest of such a line included.
    write(
      'site.yaml',
      `
site: Example
methods: [m1]
defaults: { applications: { methods: [m1] }, users: { methods: [m1] } }
x-password: ${comments[0]}
applications:
  Server1: { secret: { env: SERVER1_SECRET }, allowed_to: [Group1], metadata: { grant_types: [] } }
  Lone1: { secret: { hash: "${second ? phc.next : phc.first}" }, x-token: ${comments[1]} } # client_secret: ${comments[2]}
${second ? '' : '  Gone: { secret: { env: GONE_SECRET }, tokens: { format: opaque }, allowed_to: [Clients], impersonates: User1, metadata: { grant_types: [client_credentials], scope: Server1 } }'}
groups:
  Clients: { members: [User1] }
  Group1: { members: [User1] }
users: { User1: {}, ${(second ? IDLE.slice(0, 1) : IDLE).map((name) => `${name}: {}`).join(', ')} }
`,
    );
    write(
      'clients.yaml',
      `
site: Example
applications:
${client('EnvHuman', second ? `secret: { hash: "${phc.moved}" }` : 'secret: { env: ENV_HUMAN }', `, client_name: ${second ? names.second : names.first}`)}
${client('EnvGenerated', 'secret: { env: ENV_GENERATED }')}
${client('FileHuman', 'secret: { file: human.secret }')}
${client('FileGenerated', 'secret: { file: generated.secret }')}
${client('Hashed', `secret: { hash: "${second ? phc.next : phc.first}" }`)}
${client('Several', `secrets: [{ hash: "${phc.several}", expires: ${second ? '2998' : '2999'}-01-01 }, { file: several.secret }]`)}
`,
    );
    write(
      '../overlay/clients.yaml',
      `
site: Example
applications: { EnvGenerated: { secret: { env: null, hash: "${phc.overlay}" } } }
`,
    );
    write('human.secret', `${files.human}\n`);
    write('generated.secret', files.generated);
    write('several.secret', files.several);
    write('unnamed.secret', files.unnamed);
  };

  return {
    secrets,
    hashes,
    harmless,
    env,
    rotatedEnv,
    presented: {
      EnvHuman: env.ENV_HUMAN,
      EnvGenerated: env.ENV_GENERATED,
      FileHuman: files.human,
      FileGenerated: files.generated,
      Hashed: behindHash.first,
      Several: files.several,
      Gone: env.GONE_SECRET,
    },
    rotatedFile,
    writeFirst: () => writeSpec(false),
    writeSecond: () => writeSpec(true),
    rotateFile: () => write('generated.secret', rotatedFile),
  };
}
