// Owns a conversation with the real yaml-language-server over stdio, as an editor holds it. Never reaches a network: the
// store of schemas is off, and a schema is a file that a modeline names.

import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const require = createRequire(import.meta.url);

interface Message {
  readonly id?: number | string;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

export interface Complaint {
  readonly message: string;
  readonly range: { readonly start: { readonly line: number; readonly character: number } };
}

export interface Completion {
  readonly label: string;
  readonly documentation?: string | { readonly value: string };
}

const SETTINGS: Readonly<Record<string, unknown>> = {
  yaml: {
    validate: true,
    hover: true,
    completion: true,
    schemaStore: { enable: false },
    kubernetesCRDStore: { enable: false },
    schemas: {},
  },
};

export class LanguageServer {
  readonly #child = spawn(
    process.execPath,
    [require.resolve('yaml-language-server/bin/yaml-language-server'), '--stdio'],
    { stdio: ['pipe', 'pipe', 'inherit'], env: { PATH: process.env.PATH ?? '' } },
  );
  readonly #waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  readonly #complaints = new Map<string, { resolve(found: readonly Complaint[]): void }>();
  #buffer = Buffer.alloc(0);
  #nextId = 1;

  constructor() {
    this.#child.stdout.on('data', (bytes: Buffer) => {
      this.#buffer = Buffer.concat([this.#buffer, bytes]);
      for (let message = this.#take(); message !== undefined; message = this.#take()) this.#receive(message);
    });
    this.#child.on('exit', (code) => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`the language server ended with ${code}`));
    });
  }

  async start(): Promise<void> {
    const capabilities = {
      workspace: { configuration: true },
      textDocument: { hover: { contentFormat: ['markdown'] }, completion: { completionItem: {} } },
    };
    await this.#request('initialize', { processId: process.pid, rootUri: null, capabilities });
    this.#notify('initialized', {});
    this.#notify('workspace/didChangeConfiguration', { settings: SETTINGS });
  }

  /** Opens a text as the file of this path and answers what the server complains about. */
  async open(path: string, text: string): Promise<readonly Complaint[]> {
    const uri = pathToFileURL(path).href;
    const told = new Promise<readonly Complaint[]>((resolve) => this.#complaints.set(uri, { resolve }));
    this.#notify('textDocument/didOpen', { textDocument: { uri, languageId: 'yaml', version: 1, text } });
    return told;
  }

  close(path: string): void {
    this.#notify('textDocument/didClose', { textDocument: { uri: pathToFileURL(path).href } });
  }

  /** What the server says about the place, as Markdown. */
  async hover(path: string, line: number, character: number): Promise<string> {
    const result = await this.#request('textDocument/hover', place(path, line, character));
    return (result as { contents: { value: string } } | null)?.contents.value ?? '';
  }

  async complete(path: string, line: number, character: number): Promise<readonly Completion[]> {
    const result = await this.#request('textDocument/completion', place(path, line, character));
    return (result as { items: Completion[] }).items;
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    await this.#request('shutdown', undefined);
    this.#notify('exit', undefined);
    await ended;
  }

  #take(): Message | undefined {
    const end = this.#buffer.indexOf('\r\n\r\n');
    if (end < 0) return undefined;
    const length = Number(/Content-Length: (\d+)/i.exec(this.#buffer.subarray(0, end).toString())?.[1]);
    if (this.#buffer.length < end + 4 + length) return undefined;
    const body = this.#buffer.subarray(end + 4, end + 4 + length).toString();
    this.#buffer = this.#buffer.subarray(end + 4 + length);
    return JSON.parse(body) as Message;
  }

  #receive({ id, method, params, result, error }: Message): void {
    if (method === undefined) {
      const waiting = this.#waiting.get(Number(id));
      this.#waiting.delete(Number(id));
      if (error === undefined) waiting?.resolve(result);
      else waiting?.reject(new Error(error.message));
    } else if (method === 'textDocument/publishDiagnostics') {
      const { uri, diagnostics } = params as { uri: string; diagnostics: readonly Complaint[] };
      this.#complaints.get(uri)?.resolve(diagnostics);
    } else if (id !== undefined) {
      const items = method === 'workspace/configuration' ? (params as { items: { section: string }[] }).items : [];
      this.#send({ id, result: items.length > 0 ? items.map(({ section }) => SETTINGS[section] ?? null) : null });
    }
  }

  #request(method: string, params: unknown): Promise<unknown> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#send({ id, method, params });
    });
  }

  #notify(method: string, params: unknown): void {
    this.#send({ method, params });
  }

  #send(message: Message): void {
    const body = JSON.stringify({ jsonrpc: '2.0', ...message });
    this.#child.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  }
}

function place(path: string, line: number, character: number) {
  return { textDocument: { uri: pathToFileURL(path).href }, position: { line, character } };
}
