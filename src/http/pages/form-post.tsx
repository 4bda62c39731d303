// Owns the page that carries an answer to its client in a form (OAuth 2.0 Form Post Response Mode). Never knows what is in it.

import type { Page } from '../../oauth/page.ts';
import { Hidden, type Rendered, renderDocument } from './document.tsx';

/** By the prototype: a field that is named `submit` would stand in the method's place. */
const SUBMIT = "HTMLFormElement.prototype.submit.call(document.getElementById('form-post'))";

export function renderFormPost({ action, fields }: Extract<Page, { kind: 'form-post' }>): Rendered {
  return renderDocument({
    title: 'Back to the application',
    submits: true,
    script: SUBMIT,
    children: (
      <>
        <p>You are on the way back to the application. Press the button if nothing happens.</p>
        <form id="form-post" method="post" action={action}>
          <Hidden fields={fields} />
          <button type="submit" class="act">
            Continue
          </button>
        </form>
      </>
    ),
  });
}
