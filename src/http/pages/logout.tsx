// Owns the pages of signing out: the question, and what became of it. Never signs anybody out.

import type { Page } from '../../oauth/page.ts';
import { Hidden, type Rendered, renderDocument } from './document.tsx';

export function renderLogout({ action, fields, user, client }: Extract<Page, { kind: 'logout' }>): Rendered {
  return renderDocument({
    title: 'Sign out?',
    submits: true,
    children: (
      <>
        <p>
          You are signed in as <strong>{user}</strong>.
        </p>
        {client === undefined ? null : (
          <p>
            <strong>{client.name}</strong> asks to sign you out of this server, and so of the applications that you
            signed in to with it.
          </p>
        )}
        <form id="logout" method="post" action={action}>
          <Hidden fields={fields} />
          <button type="submit" name="decision" value="allow" class="act">
            Sign out
          </button>
          <button type="submit" name="decision" value="deny">
            Stay signed in
          </button>
        </form>
      </>
    ),
  });
}

export function renderSignedOut(): Rendered {
  return renderDocument({
    title: 'You are signed out',
    children: <p>You can close this window. To sign in again, go to the application that you want to use.</p>,
  });
}

export function renderLogoutRefused(): Rendered {
  return renderDocument({
    title: 'Nobody was signed out',
    children: (
      <p>All is as it was before. You can close this window, or go back to the application that you came from.</p>
    ),
  });
}
