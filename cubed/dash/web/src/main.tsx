import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { api, SignedOut, type Session } from './api';
import { Channels } from './channels';
import { Journeys } from './journeys';
import { LiveVisitors } from './live';
import { SignIn } from './sign_in';
import { go, pathOf, useFilters, type Page } from './state';

const pages: { page: Page; title: string }[] = [
  { page: 'channels', title: 'Channels' },
  { page: 'journeys', title: 'Journeys' },
  { page: 'live', title: 'Live' },
];

function App() {
  const [session, setSession] = useState<Session | null | undefined>(undefined);
  const filters = useFilters();

  useEffect(() => {
    api.session().then(setSession, () => setSession(null));
  }, []);
  const onError = (error: unknown) => {
    if (error instanceof SignedOut) setSession(null);
  };
  const title = pages.find((entry) => entry.page === filters.page)!.title;
  useEffect(() => { document.title = session ? `${title} · ${session.name} · Cubed` : 'Cubed'; }, [title, session]);

  if (session === undefined) return <p class="centre" role="status">Loading…</p>;
  if (session === null) return <SignIn onSignedIn={setSession} />;
  return (
    <>
      <a class="skip" href="#content">Skip to content</a>
      <header>
        <strong class="brand">Cubed</strong>
        <nav aria-label="Reports">
          {pages.map((entry) => (
            <a
              href={pathOf({ ...filters, page: entry.page, visitor: undefined })}
              aria-current={entry.page === filters.page ? 'page' : undefined}
              onClick={(event) => {
                event.preventDefault();
                go({ ...filters, page: entry.page, visitor: undefined });
              }}
            >
              {entry.title}
            </a>
          ))}
        </nav>
        <span class="account">{session.name}</span>
        <button class="quiet" onClick={() => api.signOut().finally(() => setSession(null))}>Sign out</button>
      </header>
      <main id="content" tabIndex={-1}>
        <h1>{title}</h1>
        {filters.page === 'channels' && <Channels session={session} filters={filters} onError={onError} />}
        {filters.page === 'journeys' && <Journeys session={session} filters={filters} onError={onError} />}
        {filters.page === 'live' && <LiveVisitors onError={onError} />}
      </main>
    </>
  );
}

render(<App />, document.getElementById('app')!);
