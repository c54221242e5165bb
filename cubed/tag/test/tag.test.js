// The tag runs on other people's pages: these tests run the built file, as a page would.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';

import { Browser, sid, vid } from './browser.js';

const account = ['setAccount', 'c-a-demo-uk'];
const server = ['setServer', 'https://cubed.shop.example'];

// The promise made to site owners.
test('the built file is under 6 KB gzipped', () => {
  const bytes = readFileSync(new URL('../dist/visscore.tag.min.js', import.meta.url));
  assert.ok(gzipSync(bytes, { level: 9 }).length < 6 * 1024);
});

test('nothing is sent before fire, and queued commands run in order on arrival', () => {
  const page = new Browser().load(account, server, ['addEvent', { name: 'view' }]);
  assert.equal(page.sent.length, 0);
  page.push(['fire']);
  assert.equal(page.sent.length, 1);
  assert.equal(page.sent[0].url, 'https://cubed.shop.example/hit');
  const hit = page.hits[0];
  assert.equal(hit.aid, 'c-a-demo-uk');
  assert.equal(hit.kind, 'page');
  assert.equal(hit.url, 'https://www.shop.example/');
  assert.equal(hit.events[0].name, 'view');
  assert.equal(hit.scr, '1440x900');
  assert.ok(Math.abs(hit.ct - Date.now()) < 5000 && hit.st >= hit.ct);
});

test('vscr goes on being an array', () => {
  const page = new Browser().load(account);
  assert.equal(page.push(['fire']), 2);
  assert.equal(page.window.vscr.length, 2);
});

// Without these a paid click is indistinguishable from an organic one.
test('forwarded parameters of the landing page are appended to the referrer', () => {
  const page = new Browser({ url: 'https://www.shop.example/?gclid=Cj%2B1&x=1&utm_source=a#top', referrer: 'https://www.google.com/' });
  page.load(account, ['fire']);
  assert.equal(page.hits[0].ref, 'https://www.google.com/?gclid=Cj%2B1&utm_source=a');
  const direct = new Browser({ url: 'https://www.shop.example/?msclkid=9' }).load(account, ['fire']);
  assert.equal(direct.hits[0].ref, '?msclkid=9');
});

// Otherwise sales are credited to the payment page.
test('a return from a payment page is no new source', () => {
  const page = new Browser({ referrer: 'https://www.paypal.com/checkout?x' }).load(account, ['fire']);
  assert.equal(page.hits[0].ref, 'https://www.shop.example/');
});

test('every kind of label, at visit or event level, in each form of call', () => {
  const page = new Browser().load(account,
    ['addEvent', { name: 'purchase', revenue: 1999, transactionId: 'T1', details: [{ sku: 'S', name: 'Tea', quantity: 2, unitPrice: 500 }] }],
    ['addIntLabel', { name: 'i', value: 1 }], ['addFloatLabel', 'f', 1.5], ['addStringLabel', ['s', 'x']],
    ['addBoolLabel', { name: 'b', value: true, level: 'event' }],
    ['addDateTimeLabel', { name: 'd', value: new Date(0), event: 'purchase' }],
    ['addDataTimeLabel', { name: 'd2', value: '2026-01-01T00:00:00Z' }],
    ['addSyncId', 'a'], ['addSyncIds', ['b', 7]], ['fire']);
  const hit = page.hits[0];
  assert.deepEqual(hit.labels.map((l) => [l.name, l.type, l.value]),
    [['i', 'integer', 1], ['f', 'float', 1.5], ['s', 'string', 'x'], ['d2', 'datetime', '2026-01-01T00:00:00Z']]);
  assert.deepEqual(hit.events[0].labels.map((l) => [l.name, l.type, l.value]),
    [['b', 'boolean', true], ['d', 'datetime', '1970-01-01T00:00:00.000Z']]);
  assert.equal(hit.events[0].transaction_id, 'T1');
  assert.equal(hit.events[0].details[0].unit_price, 500);
  assert.deepEqual(hit.sync, ['a', 'b', '7']);
});

test('the parallel arrays of tag managers become rows', () => {
  const page = new Browser().load(account,
    ['addEvent', { name: 'purchase', product_name: ['Tea', 'Cup'], product_sku: ['1', '2'], product_quantity: [1, 3] }], ['fire']);
  assert.deepEqual(page.hits[0].events[0].details, [{ name: 'Tea', sku: '1', quantity: 1 }, { name: 'Cup', sku: '2', quantity: 3 }]);
});

test('tokens come from the server, are kept on the widest domain and sent back', async () => {
  const page = new Browser().load(account, ['fire']);
  assert.equal(page.hits[0].vid, undefined);
  await page.sent[0].answer(200, { status: true, vid, sid });
  assert.equal(page.cookies.vscr_vid, vid);
  assert.equal(page.cookies.vscr_sid, sid);
  assert.equal(page.lastCookie.domain, '.shop.example');
  assert.equal(page.lastCookie.samesite, 'lax');
  assert.ok('secure' in page.lastCookie);
  page.push(['addEvent', { name: 'later' }], ['fire']);
  assert.equal(page.hits[1].vid, vid);
  assert.equal(page.hits[1].sid, sid);
  assert.equal(page.hits[1].kind, 'event');
});

// Two hits before the first answer must not become two visitors.
test('hits before the first answer name the hit that asked for the tokens', async () => {
  const page = new Browser().load(account, ['fire'], ['addEvent', { name: 'quick' }], ['fire']);
  const [first, second] = page.hits;
  assert.equal(first.vh, first.hid);
  assert.equal(second.vh, first.hid);
  assert.equal(second.sh, first.hid);
  assert.notEqual(second.hid, first.hid);
});

test('firing again on the same page with nothing new sends nothing', () => {
  const page = new Browser().load(account, ['fire'], ['fire']);
  assert.equal(page.hits.length, 1);
});

test('single-page navigation: a new address is a page view, reached from the last one', () => {
  const page = new Browser({ referrer: 'https://news.example/' }).load(account, ['fire']);
  page.go('https://www.shop.example/basket');
  page.push(['fire']);
  page.push(['addEvent', { name: 'pay' }], ['fire']);
  assert.deepEqual(page.hits.map((h) => h.kind), ['page', 'page', 'event']);
  assert.deepEqual(page.hits.map((h) => h.ref), ['https://news.example/', 'https://www.shop.example/', 'https://www.shop.example/']);
  assert.equal(page.hits[1].events, undefined);
});

test('refused consent: no cookie is read, written or kept', async () => {
  const page = new Browser({ cookies: { vscr_vid: vid, vscr_sid: sid } }).load(account, ['setConsent', false], ['fire']);
  assert.deepEqual(page.cookies, {});
  assert.equal(page.hits[0].consent, 'denied');
  assert.equal(page.hits[0].vid, undefined);
  await page.sent[0].answer(200, { status: true, vid, sid });
  assert.deepEqual(page.cookies, {});
});

// A collector under load says 503; the same hit, by its hid, is sent again.
test('a hit refused for load or cut off is sent again, and again by beacon when the page goes', async () => {
  const page = new Browser().load(account, ['fire']);
  await page.sent[0].answer(503, {});
  page.timers.shift().f();
  assert.equal(page.hits[1].hid, page.hits[0].hid);
  await page.sent[1].fail();
  page.leave();
  assert.equal(page.sent[2].by, 'beacon');
  assert.equal(page.hits[2].hid, page.hits[0].hid);
  page.timers.shift().f();
  assert.equal(page.sent.length, 3);
});

test('a hit on its way survives the page: keepalive', () => {
  const page = new Browser().load(account, ['fire']);
  assert.equal(page.sent[0].options.keepalive, true);
  page.leave();
  assert.equal(page.sent.length, 1);
});

test('a browser without fetch uses the beacon', () => {
  const page = new Browser();
  delete page.window.fetch;
  page.load(account, ['fire']);
  assert.equal(page.sent[0].by, 'beacon');
});

// Whatever a page pushes, the page goes on.
test('nonsense is ignored', () => {
  const page = new Browser().load(account, null, 7, ['no such verb', {}], ['addEvent'], ['constructor'], ['addIntLabel'], ['fire']);
  page.push(undefined, ['addEvent', null], ['addSyncId', null]);
  assert.equal(page.hits.length, 1);
});

test('loading the tag twice does not fire twice', () => {
  const page = new Browser().load(account, ['fire']);
  page.run();
  page.push(['addEvent', { name: 'once' }], ['fire']);
  assert.deepEqual(page.hits.map((h) => h.kind), ['page', 'event']);
});

test('an address or a bare host name takes a host-only cookie', async () => {
  const page = new Browser({ url: 'http://127.0.0.1:8080/' }).load(account, ['fire']);
  await page.sent[0].answer(200, { status: true, vid, sid });
  assert.equal(page.lastCookie.domain, undefined);
  assert.ok(!('secure' in page.lastCookie));
});
