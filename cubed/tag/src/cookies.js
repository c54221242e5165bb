// First-party cookies on the widest domain the browser allows, so that www. and shop. share a visitor.

let domain; // '; domain=.example.com', '' for a host that takes none; found once

const write = (document, name, value, seconds, attributes) => {
  document.cookie = name + '=' + value + '; path=/; max-age=' + seconds + '; samesite=lax' + attributes;
};

export const readCookie = (document, name) => {
  const found = ('; ' + document.cookie).split('; ' + name + '=')[1];
  return found ? found.split(';')[0] : '';
};

const findDomain = (window) => {
  const labels = window.location.hostname.split('.');
  const probe = 'vscr_probe';
  // An address or a bare name takes host-only cookies. Otherwise the shortest suffix that sticks: browsers refuse public ones.
  if (labels.length > 1 && !/^[\d.]+$/.test(window.location.hostname)) {
    for (let i = labels.length - 2; i >= 0; i--) {
      const attribute = '; domain=.' + labels.slice(i).join('.');
      write(window.document, probe, '1', 10, attribute);
      if (readCookie(window.document, probe)) {
        write(window.document, probe, '', 0, attribute);
        return attribute;
      }
    }
  }
  return '';
};

export const writeCookie = (window, name, value, seconds) => {
  if (domain === undefined) domain = findDomain(window);
  write(window.document, name, value, seconds, domain + (window.location.protocol === 'https:' ? '; secure' : ''));
};
