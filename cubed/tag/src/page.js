// Where the visitor is and came from.

const hostOf = (url) => {
  const match = /^[a-z][\w.+-]*:\/\/([^/?#:]*)/i.exec(url);
  return match ? match[1].toLowerCase() : '';
};

const isIgnored = (url, ignored) => {
  const host = hostOf(url);
  return ignored.some((entry) => host === entry || host.endsWith('.' + entry) || (entry.includes('/') && url.includes(entry)));
};

/** The page's parameters that the account forwards, as they were written in its address. */
const forwarded = (location, names) =>
  location.search.replace(/^\?/, '').split('&').filter((pair) => {
    const name = pair.split('=')[0];
    return pair.includes('=') && names.includes(name);
  });

/** The referrer to send: `referrer` unless it is ignored (then the site itself: no new source), with the forwarded parameters. */
export const referrerWith = (referrer, location, state) => {
  let base = (referrer || '').split('#')[0];
  if (isIgnored(base, state.ignoredURLs)) base = location.protocol + '//' + location.host + '/';
  const added = forwarded(location, state.fwdParams).filter((pair) => !base.includes(pair));
  return added.length ? base + (base.includes('?') ? '&' : '?') + added.join('&') : base;
};
