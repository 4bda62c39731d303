// Owns the page on which a user sees what applications were given, and removes it. Never removes anything.

import { typeOf } from '../../oauth/connections.ts';
import type { Page, ShownConnection } from '../../oauth/page.ts';
import { Hidden, type Rendered, renderDocument } from './document.tsx';
import { Scopes } from './scopes.tsx';

export function renderConnected(page: Extract<Page, { kind: 'connected' }>): Rendered {
  const { action, fields, user, connections, isCut, removed } = page;
  const isEmpty = connections.length === 0;
  return renderDocument({
    title: 'Connected applications',
    submits: !isEmpty,
    children: (
      <>
        <p>
          You are signed in as <strong>{user}</strong>.
        </p>
        {removed.length === 0 ? null : (
          <p class="good" role="status">
            Removed: {removed.join(', ')}
          </p>
        )}
        {isEmpty ? (
          <p>No application has access to your account.</p>
        ) : (
          <>
            <p>These applications have access to your account. One that you remove has to ask for it again.</p>
            <form id="connected" method="post" action={action}>
              <Hidden fields={fields} />
              <ul class="rows">
                {connections.map((connection) => (
                  <Row key={connection.client_id} connection={connection} />
                ))}
              </ul>
              {isCut ? <p>There are more, which are shown when some of these are removed.</p> : null}
              <button type="submit" class="act">
                Remove
              </button>
            </form>
          </>
        )}
      </>
    ),
  });
}

function Row({ connection }: { readonly connection: ShownConnection }) {
  const { client_id, name, since, scopes, offline } = connection;
  return (
    <li>
      <label class="pick">
        <input type="checkbox" name="remove" value={client_id} />
        {name}
      </label>
      <div class="more">
        <p>
          Since <time datetime={instant(since)}>{day(since)}</time> · {typeOf(connection)}
        </p>
        {scopes.length === 0 && !offline ? <p>It knows who you are.</p> : <Scopes scopes={scopes} offline={offline} />}
      </div>
    </li>
  );
}

function instant(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}

const DAY = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' });

function day(seconds: number): string {
  return DAY.format(new Date(seconds * 1000));
}

export function renderNotSignedIn(): Rendered {
  return renderDocument({
    title: 'Nobody is signed in',
    children: (
      <p>
        Signing in begins at an application. Sign in to one that you use, then open this page again in this browser.
      </p>
    ),
  });
}
