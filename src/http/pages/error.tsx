// Owns the page that a browser gets when a request cannot be answered and must not be redirected (PROTOCOL.md ERRPAGE).
// Never a script, a link elsewhere or anything of the request unescaped.

import { type Rendered, renderDocument } from './document.tsx';

export interface ErrorPage {
  /** Says whether the request or the server is at fault. */
  readonly status: number;
  /** Public: the registered error and its description. */
  readonly error: string;
  readonly description: string;
  /** What the person quotes to whoever runs the server; stands in the log too. */
  readonly correlation: string;
}

const REQUEST_AT_FAULT =
  'The application that sent you here made a request that this server does not accept. Go back to the application and ' +
  'try again; if it happens again, tell those who run it what stands below.';
const SERVER_AT_FAULT =
  'This server cannot answer at the moment. Try again in a while; if it happens again, tell those who run it what ' +
  'stands below.';
const TOO_MANY = 'There were too many attempts. Wait a few seconds, then go back to the application and try again.';

export function renderErrorPage({ status, error, description, correlation }: ErrorPage): Rendered {
  return renderDocument({
    title: 'This request cannot be completed',
    children: (
      <>
        <p>{status === 429 ? TOO_MANY : status < 500 ? REQUEST_AT_FAULT : SERVER_AT_FAULT}</p>
        <dl>
          <dt>Error</dt>
          <dd>{error}</dd>
          <dt>Reason</dt>
          <dd>{description}</dd>
          <dt>Correlation id</dt>
          <dd>{correlation}</dd>
        </dl>
      </>
    ),
  });
}
