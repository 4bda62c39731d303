// Owns where a command's words go: the two streams and whether they take colour. Never decides what is said.

import type { Writable } from 'node:stream';
import { harmless } from './harmless.ts';

/** All that a command sees of the process around it. */
export interface Terminal {
  /** What the command was asked for: plans, summaries, JSON. */
  out(text: string): void;
  /** What went wrong, and what is said beside: for people, so that nothing in it steers their terminal. */
  err(text: string): void;
  /** What has to be known even where stdout takes nothing: on stderr then, whether stdout is lost before or after. */
  ifLost(sentence: string): void;
  readonly outColor: boolean;
  readonly errColor: boolean;
  readonly env: NodeJS.ProcessEnv;
}

type Stream = Writable & { readonly isTTY?: boolean };

/**
 * A terminal over two streams. A reader that went away (`charter plan | head`) ends nothing but the output. `onLost` is told
 * once of each stream that cannot be written for another reason, a full disk for one, and by then takes nothing any more;
 * with what is to be told because of that.
 */
export function createTerminal(
  stdout: Stream,
  stderr: Stream,
  env: NodeJS.ProcessEnv,
  onLost: (stream: 'stdout' | 'stderr', error: NodeJS.ErrnoException, untold: readonly string[]) => void,
): Terminal {
  const lost = new Set<'stdout' | 'stderr'>();
  const untold: string[] = [];
  const watched = (name: 'stdout' | 'stderr', stream: Stream): void => {
    let hasFailed = false;
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (!hasFailed && error.code !== 'EPIPE') {
        lost.add(name);
        onLost(name, error, untold);
      }
      hasFailed = true;
    });
  };
  watched('stdout', stdout);
  watched('stderr', stderr);
  const write = (stream: Stream, text: string): void => {
    if (stream.writable) stream.write(text);
  };
  const errColor = wantsColor(stderr, env);
  const err = (text: string): void => write(stderr, harmless(text, { color: errColor }));
  return {
    out: (text) => write(stdout, text),
    err,
    ifLost: (sentence) => {
      if (lost.has('stdout')) err(`${sentence}\n`);
      else untold.push(sentence);
    },
    outColor: wantsColor(stdout, env),
    errColor,
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
