// Owns where a command's words go: the two streams and whether they take colour. Never decides what is said.

import type { Writable } from 'node:stream';

/** All that a command sees of the process around it. */
export interface Terminal {
  /** What the command was asked for: plans, summaries, JSON. */
  out(text: string): void;
  /** What went wrong, and what is said beside. */
  err(text: string): void;
  readonly outColor: boolean;
  readonly errColor: boolean;
  readonly env: NodeJS.ProcessEnv;
}

type Stream = Writable & { readonly isTTY?: boolean };

/** A terminal over two streams. A reader that went away (`charter plan | head`) ends nothing but the output. */
export function createTerminal(stdout: Stream, stderr: Stream, env: NodeJS.ProcessEnv): Terminal {
  for (const stream of [stdout, stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
  const write = (stream: Stream, text: string): void => {
    if (stream.writable) stream.write(text);
  };
  return {
    out: (text) => write(stdout, text),
    err: (text) => write(stderr, text),
    outColor: wantsColor(stdout, env),
    errColor: wantsColor(stderr, env),
    env,
  };
}

/** no-color.org and force-color.org: a wish that is written wins over what the stream is. */
function wantsColor(stream: Stream, env: NodeJS.ProcessEnv): boolean {
  const forced = env.FORCE_COLOR;
  if (forced !== undefined && forced !== '') return forced !== '0' && forced !== 'false';
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== '') return false;
  return stream.isTTY === true && env.TERM !== 'dumb';
}
