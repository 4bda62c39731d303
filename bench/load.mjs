// Owns the process that asks: whole requests, prepared, over raw sockets, each answer looked at no further than its status and its
// length. It says how busy it was itself, so that it can be seen that it is not what bounds. Never knows what is asked.
//
// Each message is a job: `{ port, requests, connections, seconds }` asks on every connection as fast as it is answered; with `rate`
// so many a second are asked whatever is answered, and the time of each counts from when it was due.

import { connect } from 'node:net';

const HEAD_END = Buffer.from('\r\n\r\n');

process.on('message', async (job) => {
  try {
    process.send({ result: await run(job) });
  } catch (error) {
    process.send({ error: error.message });
  }
});

async function run({ port, requests, connections, seconds, rate, count = Number.POSITIVE_INFINITY }) {
  const texts = requests.map((text) => Buffer.from(text, 'latin1'));
  const pool = await Promise.all(Array.from({ length: connections }, () => open(port)));
  const times = [];
  let asked = 0;
  let ended = false;
  const before = performance.eventLoopUtilization();
  const began = performance.now();
  const end = began + seconds * 1000;
  try {
    await new Promise((resolve, reject) => {
      let open = 0;
      const ask = (connection, due) => {
        open += 1;
        connection.ask(texts[asked++ % texts.length], (error) => {
          open -= 1;
          const now = performance.now();
          if (error !== undefined) reject(error);
          times.push(now - due);
          if (ended) return open === 0 ? resolve() : undefined;
          answered(connection, now);
        });
      };
      const finish = () => {
        ended = true;
        if (open === 0) resolve();
      };
      let answered;
      if (rate === undefined) {
        answered = (connection, now) => {
          if (now < end && asked < count) ask(connection, now);
          else finish();
        };
        for (const connection of pool) if (asked < count) ask(connection, performance.now());
      } else {
        const idle = [...pool];
        const due = [];
        let scheduled = 0;
        answered = (connection) => {
          if (due.length > 0) ask(connection, due.shift());
          else idle.push(connection);
        };
        const tick = () => {
          const now = performance.now();
          if (now >= end) return finish();
          for (let next = began + (scheduled * 1000) / rate; next <= now; ) {
            const connection = idle.pop();
            if (connection === undefined) due.push(next);
            else ask(connection, next);
            scheduled += 1;
            next = began + (scheduled * 1000) / rate;
          }
          setImmediate(tick);
        };
        tick();
      }
    });
  } finally {
    for (const connection of pool) connection.close();
  }
  const took = performance.now() - began;
  times.sort((a, b) => a - b);
  const at = (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))];
  // Who asks at a rate waits for its turn without a pause.
  const busy = rate === undefined ? performance.eventLoopUtilization(before).utilization : undefined;
  return { answers: times.length, seconds: took / 1000, p50: at(0.5), p99: at(0.99), busy };
}

/** A connection that asks one thing at a time. */
function open(port) {
  return new Promise((resolve, reject) => {
    let done;
    let held = Buffer.alloc(0);
    const fail = (error) => {
      reject(error);
      done?.(error);
    };
    const take = (size, buffer) => {
      const bytes = held.length === 0 ? buffer.subarray(0, size) : Buffer.concat([held, buffer.subarray(0, size)]);
      const head = bytes.indexOf(HEAD_END);
      const length = head < 0 ? undefined : lengthIn(bytes.latin1Slice(0, head));
      if (length === undefined || bytes.length < head + HEAD_END.length + length) {
        held = Buffer.from(bytes);
        return true;
      }
      held = Buffer.alloc(0);
      const status = bytes.latin1Slice(9, 12);
      const answer = done;
      done = undefined;
      if (status[0] === '2' || status[0] === '3') answer?.();
      else answer?.(new Error(`answered ${bytes.latin1Slice(0, bytes.length)}`));
      return true;
    };
    const socket = connect({
      port,
      host: '127.0.0.1',
      noDelay: true,
      onread: { buffer: Buffer.alloc(16 * 1024), callback: take },
    });
    socket.on('error', fail);
    socket.on('close', () => fail(new Error('the server ended the connection')));
    socket.on('connect', () =>
      resolve({
        ask(text, then) {
          done = then;
          socket.write(text);
        },
        close() {
          done = undefined;
          socket.destroy();
        },
      }),
    );
  });
}

function lengthIn(head) {
  const found = /\r\ncontent-length: *(\d+)/i.exec(head);
  if (found === null) throw new Error(`an answer without a length: ${head}`);
  return Number(found[1]);
}
