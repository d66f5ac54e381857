import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import controls from '../style/controls.module.css';
import { secret, signIn } from './session.js';

/** Asks for a token while nobody is signed in. It lies over the page, whose state stays. */
export function SignInDialog() {
  const dialog = useRef<HTMLDialogElement>(null);
  const problem = useSignal<string | null>(null);
  const isOpen = secret.value === null;

  useEffect(() => {
    if (isOpen) dialog.current?.showModal();
    else dialog.current?.close();
  }, [isOpen]);

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const token = new FormData(form).get('token');
    if (typeof token !== 'string' || token === '') return;
    problem.value = null;
    await signIn(token.trim()).then(
      () => form.reset(),
      (error: Error) => (problem.value = error.message),
    );
  };

  return (
    <dialog ref={dialog} aria-labelledby="sign-in-title" onCancel={(event) => event.preventDefault()}>
      <form onSubmit={(event) => void submit(event)}>
        <h2 id="sign-in-title">Sign in</h2>
        <label class={controls.field}>
          <span class={controls.label}>A token with the scope read or admin</span>
          <input class={controls.input} type="password" name="token" autocomplete="off" required />
        </label>
        {problem.value !== null && <p role="alert">{problem.value}</p>}
        <button class={`${controls.button} ${controls.primary}`}>Sign in</button>
      </form>
    </dialog>
  );
}
