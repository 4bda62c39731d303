// Owns the page that a browser gets when a request cannot be answered and must not be redirected (PROTOCOL.md ERRPAGE).
// Never a script, a link elsewhere or anything of the request unescaped.

import { createHash } from 'node:crypto';
import { type Headers, SAFETY, UNCACHED } from './response-header.ts';

export interface ErrorPage {
  /** Says whether the request or the server is at fault. */
  readonly status: number;
  /** Public: the registered error and its description. */
  readonly error: string;
  readonly description: string;
  /** What the person quotes to whoever runs the server; stands in the log too. */
  readonly correlation: string;
}

const STYLE =
  ':root{color-scheme:light dark}' +
  'body{font:1rem/1.5 system-ui,sans-serif;max-width:38rem;margin:15vh auto 0;padding:0 1.5rem}' +
  'h1{font-size:1.5rem;font-weight:600;line-height:1.25}' +
  'dl{margin-top:2rem;font-size:.875rem}dt{opacity:.7}dd{margin:0 0 .75rem;overflow-wrap:anywhere;font-family:ui-monospace,monospace}';

/** Headers of the page. The style is allowed by its digest; everything else, and framing, is refused (P:S-025). */
export const PAGE_HEADERS: Headers = {
  ...SAFETY,
  ...UNCACHED,
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; ` +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-frame-options': 'DENY',
};

const REQUEST_AT_FAULT =
  'The application that sent you here made a request that this server does not accept. Go back to the application and ' +
  'try again; if it happens again, tell those who run it what stands below.';
const SERVER_AT_FAULT =
  'This server cannot answer at the moment. Try again in a while; if it happens again, tell those who run it what ' +
  'stands below.';

/** The whole document. */
export function renderErrorPage({ status, error, description, correlation }: ErrorPage): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>This request cannot be completed</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>This request cannot be completed</h1>
<p>${status < 500 ? REQUEST_AT_FAULT : SERVER_AT_FAULT}</p>
<dl>
<dt>Error</dt>
<dd>${escapeHtml(error)}</dd>
<dt>Reason</dt>
<dd>${escapeHtml(description)}</dd>
<dt>Correlation id</dt>
<dd>${escapeHtml(correlation)}</dd>
</dl>
</main>
</body>
</html>
`;
}

const ENTITIES: { readonly [character: string]: string } = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
