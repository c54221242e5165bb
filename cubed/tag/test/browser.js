// The few parts of a browser that the tag touches, driven by hand: a cookie jar, a network that answers when told.
import { readFileSync } from 'node:fs';
import vm from 'node:vm';

const script = readFileSync(new URL('../dist/visscore.tag.min.js', import.meta.url), 'utf8');

export class Browser {
  constructor({ url = 'https://www.shop.example/', referrer = '', cookies = {}, suffixes = ['example'] } = {}) {
    this.sent = []; // {url, hits, by: 'fetch' | 'beacon', answer(status, body), fail()}
    this.timers = [];
    this.cookies = { ...cookies };
    this.suffixes = suffixes;
    this.listeners = {};
    const browser = this;
    const listen = (name, f) => (browser.listeners[name] = browser.listeners[name] || []).push(f);
    this.document = {
      referrer,
      title: 'A page',
      visibilityState: 'visible',
      addEventListener: listen,
      get cookie() {
        return Object.entries(browser.cookies).map(([name, value]) => name + '=' + value).join('; ');
      },
      set cookie(text) { browser.setCookie(text); }
    };
    this.window = {
      document: this.document,
      location: {},
      navigator: { language: 'en-GB', sendBeacon: (to, body) => this.record(to, body, 'beacon') },
      screen: { width: 1440, height: 900 },
      crypto: globalThis.crypto,
      addEventListener: listen,
      setTimeout: (f, ms) => this.timers.push({ f, ms }),
      fetch: (to, options) => new Promise((resolve, reject) => {
        this.record(to, options.body, 'fetch', options);
        const entry = this.sent.at(-1);
        entry.answer = async (status, body) => {
          resolve({ status, json: async () => body });
          await new Promise(setImmediate);
        };
        entry.fail = async () => {
          reject(new Error('network'));
          await new Promise(setImmediate);
        };
      })
    };
    this.window.window = this.window;
    this.go(url);
  }

  go(url) {
    const parsed = new URL(url);
    for (const part of ['href', 'search', 'protocol', 'host', 'hostname']) this.window.location[part] = parsed[part];
  }

  setCookie(text) {
    const [pair, ...attributes] = text.split('; ');
    const [name, value] = pair.split('=');
    const all = Object.fromEntries(attributes.map((a) => a.split('=')));
    if (all.domain && this.suffixes.includes(all.domain.slice(1))) return; // a public suffix: refused
    this.lastCookie = all;
    if (all['max-age'] === '0') delete this.cookies[name];
    else this.cookies[name] = value;
  }

  record(url, body, by, options) {
    const parsed = JSON.parse(body);
    this.sent.push({ url, by, options, hits: [].concat(parsed) });
    return true;
  }

  load(...commands) {
    this.window.vscr = commands;
    this.run();
    return this;
  }

  run() { vm.runInNewContext(script, { window: this.window, Date, console }); }

  push(...commands) { return this.window.vscr.push(...commands); }
  leave() { (this.listeners.pagehide || []).forEach((f) => f()); }
  get hits() { return this.sent.flatMap((entry) => entry.hits); }
}

export const vid = '0123456789abcdef0123456789abcdef';
export const sid = 'fedcba9876543210fedcba9876543210';
