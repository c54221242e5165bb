import { useState } from 'preact/hooks';
import { api, type Session } from './api';

export function SignIn({ onSignedIn }: { onSignedIn: (session: Session) => void }) {
  const [problem, setProblem] = useState('');
  const [busy, setBusy] = useState(false);

  async function submit(event: Event) {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    setBusy(true);
    setProblem('');
    try {
      onSignedIn(await api.signIn(String(form.get('account')).trim(), String(form.get('password'))));
    } catch (error) {
      setProblem((error as Error).message);
      setBusy(false);
    }
  }

  return (
    <main class="sign-in">
      <h1>Cubed</h1>
      <form onSubmit={submit}>
        <label>
          Account
          <input name="account" autocomplete="username" placeholder="c-a-demo-uk" required autofocus />
        </label>
        <label>
          Password
          <input name="password" type="password" autocomplete="current-password" required />
        </label>
        <p role="alert" class="problem">{problem}</p>
        <button type="submit" disabled={busy}>{busy ? 'Signing in…' : 'Sign in'}</button>
      </form>
    </main>
  );
}
