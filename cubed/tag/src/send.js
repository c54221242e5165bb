// Delivery. A hit is sent at once and again after a refusal for load or a broken connection; its `hid` lets the collector
// recognise a repetition. What is unsent when the page goes away leaves as a beacon.

const retryMs = [1000, 3000, 9000, 27000];

export const newSender = (window, onAnswer) => {
  const unsent = []; // {url, hit, tries}: not on its way now

  const body = (hits) => {
    const now = Date.now();
    const stamped = hits.map((hit) => Object.assign({}, hit, { st: now }));
    return JSON.stringify(stamped.length === 1 ? stamped[0] : stamped);
  };

  const retryLater = (item) => {
    if (item.tries >= retryMs.length) return;
    unsent.push(item);
    window.setTimeout(() => {
      const at = unsent.indexOf(item);
      if (at >= 0) {
        unsent.splice(at, 1);
        post(item);
      }
    }, retryMs[item.tries++]);
  };

  const post = (item) => {
    if (!window.fetch) {
      if (!beacon(item.url, [item.hit])) retryLater(item);
      return;
    }
    window.fetch(item.url, {
      method: 'POST',
      body: body([item.hit]),
      keepalive: true, // survives the page
      credentials: 'include',
      headers: { 'Content-Type': 'text/plain' } // no preflight
    }).then((response) => {
      if (response.status >= 500 || response.status === 429) return retryLater(item);
      return response.json().then((answer) => onAnswer(item.hit, answer));
    }).catch(() => retryLater(item));
  };

  const beacon = (url, hits) => !!window.navigator.sendBeacon && window.navigator.sendBeacon(url, body(hits));

  const flush = () => {
    const items = unsent.splice(0);
    const urls = items.map((item) => item.url).filter((url, i, all) => all.indexOf(url) === i);
    urls.forEach((url) => {
      const mine = items.filter((item) => item.url === url);
      if (!beacon(url, mine.map((item) => item.hit))) unsent.push(...mine);
    });
  };

  window.addEventListener('pagehide', flush);
  window.document.addEventListener('visibilitychange', () => {
    if (window.document.visibilityState === 'hidden') flush();
  });

  return (url, hit) => post({ url, hit, tries: 0 });
};
