// Owns the page on which a user logs in. Never says whether it was the name or the password that was wrong.

import type { Page } from '../../oauth/page.ts';
import { Hidden, type Rendered, renderDocument } from './document.tsx';

type Login = Extract<Page, { kind: 'login' }>;

const PROBLEMS: Readonly<Record<NonNullable<Login['problem']>, string>> = {
  wrong: 'The username or the password is not right. Try again.',
  throttled: 'There were too many attempts. Wait a few seconds and try again.',
  busy: 'Too many people are signing in at this moment. Try again in a few seconds.',
};

export function renderLogin({ action, fields, client, username, problem }: Login): Rendered {
  const described = problem === undefined ? {} : { 'aria-describedby': 'problem', 'aria-invalid': true };
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
        <form id="login" method="post" action={action}>
          <Hidden fields={fields} />
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
          {/* biome-ignore lint/a11y/useButtonType: it submits by default; the one submit of this form is the other button */}
          <button name="decision" value="deny" formnovalidate>
            Cancel
          </button>
        </form>
      </>
    ),
  });
}
