import { useSignal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { ApiProblem } from '../api/problem.js';
import controls from '../style/controls.module.css';
import { needsToken, signIn, signInReason } from './session.js';
import styles from './sign-in-dialog.module.css';

/** Asks for a token while nobody is signed in. The page below the dialog keeps its state. */
export function SignInDialog() {
  const dialog = useRef<HTMLDialogElement>(null);
  const problem = useSignal<string | null>(null);
  const isBusy = useSignal(false);
  const isOpen = needsToken.value;

  // A layout effect closes the dialog before the effects of the page below run. One of them moves the focus to the search field.
  useLayoutEffect(() => {
    if (isOpen) dialog.current?.showModal();
    else dialog.current?.close();
  }, [isOpen]);

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const token = new FormData(form).get('token');
    if (isBusy.value || typeof token !== 'string' || token.trim() === '') return;
    isBusy.value = true;
    try {
      await signIn(token.trim());
      problem.value = null;
      form.reset();
    } catch (error) {
      problem.value = sentenceFor(error);
    } finally {
      isBusy.value = false;
    }
  };

  return (
    <dialog
      ref={dialog}
      class={styles.dialog}
      aria-labelledby="sign-in-title"
      aria-describedby="sign-in-text"
      onCancel={(event) => event.preventDefault()}
      // Browsers let a second Escape close a dialog even if the first was prevented. The dialog is then shown again, because the
      // page can't load anything.
      onClose={() => {
        if (needsToken.peek()) dialog.current?.showModal();
      }}
    >
      <form class={styles.form} onSubmit={(event) => void submit(event)}>
        <h2 id="sign-in-title">Sign in</h2>
        {signInReason.value !== null && (
          <p class={styles.reason} role="status">
            {signInReason.value}
          </p>
        )}
        <p id="sign-in-text" class={controls.muted}>
          The page exchanges a token for a session that ends after some hours, or when all tabs are closed. It does not
          keep the token.
        </p>
        <label class={controls.field}>
          <span class={controls.label}>
            Token with the scope <code>read</code> or <code>admin</code>
          </span>
          <input
            class={`${controls.input} ${controls.mono}`}
            type="password"
            name="token"
            autocomplete="off"
            spellcheck={false}
            placeholder="cmk_…"
            maxLength={1000}
            required
            aria-invalid={problem.value !== null}
            aria-errormessage="sign-in-problem"
          />
        </label>
        <p id="sign-in-problem" class={styles.problem} role="alert" hidden={problem.value === null}>
          {problem.value}
        </p>
        <button class={`${controls.button} ${controls.primary}`} disabled={isBusy.value}>
          {isBusy.value ? 'Signing in…' : 'Sign in'}
        </button>
        <details class={styles.help}>
          <summary>I don’t have a token</summary>
          <p>
            When the service started for the first time, it printed a link that signs you in. On its machine,{' '}
            <code>npm run tokens -- link</code> prints another link, and{' '}
            <code>npm run tokens -- create --name me --scope read</code> creates a token. Anybody with the scope{' '}
            <code>admin</code> can create one for you on the page Tokens.
          </p>
        </details>
      </form>
    </dialog>
  );
}

function sentenceFor(error: unknown): string {
  if (!(error instanceof ApiProblem)) return 'Signing in failed. Try again.';
  if (error.status === 404)
    return 'This app does not sign in with tokens: sign in to the app itself, then reload this page.';
  return error.message;
}
