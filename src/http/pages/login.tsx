// Owns the page on which a user logs in, by a password or by the certificate of the browser. Never says whether it was the name or
// the password that was wrong.

import type { Page } from '../../oauth/page.ts';
import { Hidden, type Rendered, renderDocument } from './document.tsx';

type Login = Extract<Page, { kind: 'login' }>;

const PROBLEMS: Readonly<Record<NonNullable<Login['problem']>, string>> = {
  wrong: 'The username or the password is not right. Try again.',
  throttled: 'There were too many attempts. Wait a few seconds and try again.',
  busy: 'Too many people are signing in at this moment. Try again in a few seconds.',
};

export function renderLogin(page: Login): Rendered {
  const { action, fields, client, problem, takesPassword, takesCertificate, certificate } = page;
  // What can be of use stands first: a password is typed more often than a certificate is had.
  const byCertificate =
    certificate === undefined ? null : <ByCertificate {...{ action, certificate, takesPassword }} />;
  return renderDocument({
    title: 'Sign in',
    submits: true,
    children: (
      <>
        <p>
          to continue to <strong>{client.name}</strong>
        </p>
        {problem === undefined ? null : (
          <p id="problem" class="bad" role="alert">
            {PROBLEMS[problem]}
          </p>
        )}
        {!takesPassword && takesCertificate && certificate === undefined ? (
          <p id="no-certificate" class="bad" role="alert">
            A certificate is needed to sign in here, and your browser has shown none of somebody who may.
          </p>
        ) : null}
        {takesPassword ? null : byCertificate}
        <form id="login" method="post" action={action}>
          <Hidden fields={fields} />
          {takesPassword || !takesCertificate ? <ByPassword {...page} /> : null}
          {/* biome-ignore lint/a11y/useButtonType: it submits by default; the one submit of this form is the other button */}
          <button name="decision" value="deny" formnovalidate>
            Cancel
          </button>
        </form>
        {takesPassword ? byCertificate : null}
      </>
    ),
  });
}

function ByPassword({ username, problem }: Pick<Login, 'username' | 'problem'>) {
  const described = problem === undefined ? {} : { 'aria-describedby': 'problem', 'aria-invalid': true };
  return (
    <>
      {/* What is to be typed next has the focus: there is nothing else to do here. */}
      <label for="username">Username</label>
      <input
        id="username"
        name="username"
        type="text"
        value={username}
        autocomplete="username"
        autocapitalize="none"
        spellcheck={false}
        required
        autofocus={username === ''}
        {...described}
      />
      <label for="password">Password</label>
      <input
        id="password"
        name="password"
        type="password"
        autocomplete="current-password"
        required
        autofocus={username !== ''}
        {...described}
      />
      {/* The first button is the one that Enter presses. */}
      <button type="submit" class="act">
        Sign in
      </button>
    </>
  );
}

function ByCertificate({
  action,
  certificate,
  takesPassword,
}: Pick<Login, 'action' | 'takesPassword'> & { readonly certificate: NonNullable<Login['certificate']> }) {
  return (
    <form id="login-certificate" method="post" action={action}>
      <Hidden fields={certificate.fields} />
      {/* biome-ignore lint/a11y/useButtonType: it submits by default; a selector of the one that submits finds the password's */}
      <button class={takesPassword ? undefined : 'act'}>Continue as {certificate.user} with your certificate</button>
    </form>
  );
}
