// What the page has said so far, and what of it belongs to the next hit only.
import { defaultFwdParams, defaultIgnoredURLs } from './defaults.js';

export const newState = () => ({
  account: '',
  server: 'https://data.withcubed.com',
  consent: '',
  fwdParams: defaultFwdParams.slice(),
  ignoredURLs: defaultIgnoredURLs.slice(),
  lastPage: '', // the address of the last page view: firing again on it is no new page view
  referrer: '', // what that page view was sent with
  events: [],
  labels: [],
  sync: [],
  visitorHit: '', // the hit that asked for a visitor token and has no answer yet; likewise sessionHit
  sessionHit: '',
  sessionUntil: 0
});

/** Takes what the next hit carries, and leaves the state ready for the one after. */
export const takePending = (state) => {
  const pending = { events: state.events, labels: state.labels, sync: state.sync };
  state.events = [];
  state.labels = [];
  state.sync = [];
  return pending;
};
