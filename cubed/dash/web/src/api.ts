// The read API, typed. One function per resource; a 401 anywhere means that the session is over.

export interface Session {
  account: string;
  name: string;
  currency: string;
}

export interface Goal {
  id: number;
  name: string;
}

/** Credit of one channel for one goal over a range of days. Money is in pence; an interval is 90 %. */
export interface ChannelRow {
  channel: string;
  visits: number;
  lc_sales: number;
  lc_revenue_pence: number;
  fm_sales: number;
  fm_sales_low: number | null;
  fm_sales_high: number | null;
  fm_revenue_pence: number;
}

export interface ChannelReport {
  goal: Goal;
  from: string;
  to: string;
  model: { name: string; version: string; trained_at: string; lookback_days: number; interval_level: number;
           newer_conversions: number } | null;
  rows: ChannelRow[];
  unattributed: { fm_sales: number; fm_revenue_pence: number; lc_sales: number; lc_revenue_pence: number };
  conversions: number;
  revenue_pence: number;
}

export interface JourneySummary {
  visitor: string;
  channels: string[];
  visits: number;
  conversions: number;
  revenue_pence: number;
  first_visit: string;
  last_visit: string;
}

export interface Touch {
  at: string;
  channel: string;
  referrer: string;
  landing_page: string;
  pages: number;
  credits: Record<string, number>;
}

export interface Conversion {
  at: string;
  goal: string;
  transaction_id: string | null;
  revenue_pence: number;
  /** Whether training has seen it; before that only the rules have credits. */
  trained: boolean;
  touches: Touch[];
  unattributed: Record<string, number>;
}

export interface Journey {
  visitor: string;
  models: { key: string; label: string }[];
  conversions: Conversion[];
  later_touches: Touch[];
}

export interface LiveVisit {
  visitor: string;
  at: string;
  channel: string;
  page: string;
  pages: number;
  browser: string;
  country: string | null;
  events: string[];
}

export interface Live {
  now: string;
  visitors: number;
  per_minute: number[];
  visits: LiveVisit[];
}

export class SignedOut extends Error {}

async function request<T>(path: string, body?: unknown): Promise<T> {
  const response = await fetch(path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: body === undefined ? {} : { 'Content-Type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
    credentials: 'same-origin',
  });
  const answer = await response.json().catch(() => ({}));
  if (response.status === 401) throw new SignedOut(answer.message ?? 'Sign in to continue.');
  if (!response.ok) throw new Error(answer.message ?? `The server answered ${response.status}.`);
  return answer as T;
}

function query(values: Record<string, string | number | undefined>): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined && value !== '') parameters.set(name, String(value));
  }
  const text = parameters.toString();
  return text === '' ? '' : `?${text}`;
}

export const api = {
  session: () => request<Session>('/api/session'),
  signIn: (account: string, password: string) => request<Session>('/api/sign-in', { account, password }),
  signOut: () => request<unknown>('/api/sign-out', {}),
  goals: () => request<Goal[]>('/api/goals'),
  channels: (range: { goal?: string; from?: string; to?: string }) =>
    request<ChannelReport>('/api/report/channels' + query(range)),
  channelsCsvPath: (range: { goal?: string; from?: string; to?: string }) =>
    '/api/report/channels' + query({ ...range, format: 'csv' }),
  journeys: (search: { find?: string; goal?: string }) =>
    request<JourneySummary[]>('/api/journeys' + query(search)),
  journey: (visitor: string) => request<Journey>('/api/journeys/' + encodeURIComponent(visitor)),
  live: () => request<Live>('/api/live'),
};
