// Where the person is: page, filters and selection live in the address, so that a link shows the same numbers.
import { useEffect, useState } from 'preact/hooks';

export type Page = 'channels' | 'journeys' | 'live';
export type Filters = { page: Page; goal?: string; from?: string; to?: string; find?: string; visitor?: string };

const names = ['goal', 'from', 'to', 'find', 'visitor'] as const;

function read(): Filters {
  const parameters = new URLSearchParams(location.search);
  const page = location.pathname.slice(1);
  const filters: Filters = { page: page === 'journeys' || page === 'live' ? page : 'channels' };
  for (const name of names) {
    const value = parameters.get(name);
    if (value) filters[name] = value;
  }
  return filters;
}

export function pathOf(filters: Filters): string {
  const parameters = new URLSearchParams();
  for (const name of names) {
    const value = filters[name];
    if (value) parameters.set(name, value);
  }
  const text = parameters.toString();
  return `/${filters.page}${text ? `?${text}` : ''}`;
}

const changed = new EventTarget();

export function go(filters: Filters) {
  history.pushState(null, '', pathOf(filters));
  changed.dispatchEvent(new Event('go'));
}

export function useFilters(): Filters {
  const [filters, setFilters] = useState(read);
  useEffect(() => {
    const update = () => setFilters(read());
    addEventListener('popstate', update);
    changed.addEventListener('go', update);
    return () => {
      removeEventListener('popstate', update);
      changed.removeEventListener('go', update);
    };
  }, []);
  return filters;
}

/** Loads again whenever `key` changes; keeps the last answer while it does, so that nothing jumps. */
export function useLoad<T>(key: string, load: () => Promise<T>, onError: (error: unknown) => void) {
  const [state, setState] = useState<{ value?: T; problem?: string; loading: boolean }>({ loading: true });
  useEffect(() => {
    let current = true;
    setState((before) => ({ ...before, loading: true, problem: undefined }));
    load().then(
      (value) => current && setState({ value, loading: false }),
      (error) => {
        if (!current) return;
        onError(error);
        setState((before) => ({ ...before, loading: false, problem: (error as Error).message }));
      },
    );
    return () => { current = false; };
  }, [key]);
  return state;
}
