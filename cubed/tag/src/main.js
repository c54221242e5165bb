// visscore.tag: runs the commands that the page queued in window.vscr, then each one as it is pushed. Nothing is sent before
// 'fire'. Whatever goes wrong in here must never break the page.
import { commands } from './commands.js';
import { readCookie, writeCookie } from './cookies.js';
import { sessionSeconds, tagVersion, visitorSeconds } from './defaults.js';
import { referrerWith } from './page.js';
import { newSender } from './send.js';
import { newState, takePending } from './state.js';

const token = /^[0-9a-f]{32}$/;

const start = (window) => {
  const document = window.document;
  const state = newState();

  const newHitId = () => {
    const bytes = window.crypto.getRandomValues(new Uint8Array(16));
    return Array.from(bytes, (b) => (b + 256).toString(16).slice(1)).join('');
  };

  const stored = (name) => {
    const value = state.consent === 'denied' ? '' : readCookie(document, name);
    return token.test(value) ? value : undefined;
  };

  const keep = (hit, answer) => {
    if (!answer || !answer.status || hit.consent === 'denied' || state.consent === 'denied') return;
    if (hit.vid === undefined && hit.vh === state.visitorHit && token.test(answer.vid)) {
      writeCookie(window, 'vscr_vid', answer.vid, visitorSeconds);
      state.visitorHit = '';
    }
    if (hit.sid === undefined && hit.sh === state.sessionHit && token.test(answer.sid)) {
      writeCookie(window, 'vscr_sid', answer.sid, sessionSeconds);
      state.sessionHit = '';
    }
  };

  const send = newSender(window, keep);

  // Hits sent before the first answer name the hit that asked first: the collector derives one token for all of them.
  const addTokens = (hit, now) => {
    if (state.consent === 'denied') return;
    hit.vid = stored('vscr_vid');
    hit.sid = stored('vscr_sid');
    if (hit.vid) writeCookie(window, 'vscr_vid', hit.vid, visitorSeconds);
    else hit.vh = state.visitorHit = state.visitorHit || hit.hid;
    if (hit.sid) {
      writeCookie(window, 'vscr_sid', hit.sid, sessionSeconds);
    } else {
      if (now > state.sessionUntil) state.sessionHit = '';
      hit.sh = state.sessionHit = state.sessionHit || hit.hid;
    }
    state.sessionUntil = now + sessionSeconds * 1000;
  };

  const fire = () => {
    const location = window.location;
    const url = location.href;
    const isPage = url !== state.lastPage;
    if (!state.account || !(isPage || state.events.length || state.labels.length || state.sync.length)) return;
    const now = Date.now();
    // A single-page site's next page was reached from its last one; an event shares its page's referrer.
    if (isPage) state.referrer = referrerWith(state.lastPage || document.referrer, location, state);
    const hit = Object.assign({
      aid: state.account,
      hid: newHitId(),
      kind: isPage ? 'page' : 'event',
      url,
      ref: state.referrer,
      title: document.title,
      ct: now,
      tv: tagVersion,
      lang: window.navigator.language,
      scr: window.screen && window.screen.width + 'x' + window.screen.height,
      consent: state.consent || undefined
    }, takePending(state));
    ['events', 'labels', 'sync'].forEach((list) => {
      if (!hit[list].length) delete hit[list];
    });
    addTokens(hit, now);
    state.lastPage = url;
    send(state.server + '/hit', hit);
  };

  const run = (command) => {
    try {
      const [verb, ...values] = command;
      if (verb === 'fire') return fire();
      if (Object.prototype.hasOwnProperty.call(commands, verb)) commands[verb](state, ...values);
      if (verb === 'setConsent' && state.consent === 'denied') {
        ['vscr_vid', 'vscr_sid'].forEach((name) => {
          if (readCookie(document, name)) writeCookie(window, name, '', 0);
        });
        state.visitorHit = state.sessionHit = '';
      }
    } catch (error) {
      if (window.console) window.console.warn('vscr:', error);
    }
  };

  const queued = Array.isArray(window.vscr) ? window.vscr : [];
  if (queued.version) return; // loaded twice
  window.vscr = queued;
  queued.version = tagVersion;
  queued.push = (...pushed) => {
    pushed.forEach(run);
    return Array.prototype.push.apply(queued, pushed);
  };
  queued.slice().forEach(run);
};

start(window);
