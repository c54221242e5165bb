// The demo shop. Every page is a real page load; the basket lives in sessionStorage; orders are tagged as any client would.
(function () {
  'use strict';
  var products = [
    { sku: 'ASSAM-250', name: 'Assam, 250 g', pence: 895 },
    { sku: 'DARJ-100', name: 'Darjeeling first flush, 100 g', pence: 1450 },
    { sku: 'SENCHA-100', name: 'Sencha, 100 g', pence: 1120 },
    { sku: 'MINT-50', name: 'Peppermint leaves, 50 g', pence: 480 }
  ];
  var page = document.getElementById('page');
  document.getElementById('account').textContent = shopConfig.account;

  function basket() { return JSON.parse(sessionStorage.getItem('basket') || '{}'); }
  function save(contents) { sessionStorage.setItem('basket', JSON.stringify(contents)); }
  function money(pence) { return '£' + (pence / 100).toFixed(2); }
  function lines() {
    var contents = basket();
    return products.filter(function (product) { return contents[product.sku]; })
      .map(function (product) { return { product: product, quantity: contents[product.sku] }; });
  }
  function total() {
    return lines().reduce(function (sum, line) { return sum + line.quantity * line.product.pence; }, 0);
  }
  function element(name, attributes, children) {
    var node = document.createElement(name);
    Object.keys(attributes || {}).forEach(function (key) {
      if (key === 'onclick') node.addEventListener('click', attributes[key]);
      else node.setAttribute(key, attributes[key]);
    });
    [].concat(children === undefined ? [] : children).forEach(function (child) {
      node.appendChild(typeof child === 'string' ? document.createTextNode(child) : child);
    });
    return node;
  }
  function show(title, children) {
    document.title = title + ' · Northwind Teas';
    page.appendChild(element('h1', {}, title));
    children.forEach(function (child) { page.appendChild(child); });
  }

  function addToBasket(product) {
    var contents = basket();
    contents[product.sku] = (contents[product.sku] || 0) + 1;
    save(contents);
    vscr.push(['addEvent', { name: 'add to basket' }]);
    vscr.push(['addStringLabel', 'sku', product.sku]);
    vscr.push(['fire']);
    drawBasketLink();
  }

  function buy() {
    var order = { id: 'N' + Date.now().toString(36).toUpperCase(), lines: lines(), pence: total() };
    sessionStorage.setItem('order', JSON.stringify(order));
    save({});
    location.href = '/thanks';
  }

  function home() {
    show('Tea, by post', [element('ul', { class: 'products' }, products.map(function (product) {
      return element('li', {}, [
        element('a', { href: '/product/' + product.sku }, product.name),
        element('span', { class: 'price' }, money(product.pence))
      ]);
    }))]);
  }

  function productPage(sku) {
    var product = products.filter(function (one) { return one.sku === sku; })[0];
    if (!product) return show('No such tea', [element('a', { href: '/' }, 'All teas')]);
    show(product.name, [
      element('p', { class: 'price' }, money(product.pence)),
      element('button', { id: 'add', onclick: function () { addToBasket(product); } }, 'Add to basket'),
      element('p', {}, [element('a', { href: '/basket' }, 'Go to basket')])
    ]);
  }

  function basketPage() {
    var rows = lines();
    if (rows.length === 0) return show('Basket', [element('p', {}, 'Your basket is empty.'), element('a', { href: '/' }, 'All teas')]);
    show('Basket', [
      element('ul', { class: 'products' }, rows.map(function (line) {
        return element('li', {}, [line.quantity + ' × ' + line.product.name,
          element('span', { class: 'price' }, money(line.quantity * line.product.pence))]);
      })),
      element('p', { class: 'price' }, 'Total ' + money(total())),
      element('button', { id: 'buy', onclick: buy }, 'Buy now')
    ]);
    vscr.push(['addEvent', { name: 'start checkout' }]);
  }

  function thanksPage() {
    var order = JSON.parse(sessionStorage.getItem('order') || 'null');
    if (!order) return show('No order', [element('a', { href: '/' }, 'All teas')]);
    show('Thank you', [element('p', {}, ['Order ', element('code', { id: 'order' }, order.id), ', ' + money(order.pence) + '.'])]);
    vscr.push(['addEvent', {
      name: 'purchase',
      revenue: order.pence,
      transactionId: order.id,
      currency: 'GBP',
      details: order.lines.map(function (line) {
        return { sku: line.product.sku, name: line.product.name, quantity: line.quantity, unitPrice: line.product.pence };
      })
    }]);
    sessionStorage.removeItem('order');
  }

  function drawBasketLink() {
    var items = lines().reduce(function (sum, line) { return sum + line.quantity; }, 0);
    document.getElementById('basket-link').textContent = items ? 'Basket (' + items + ')' : 'Basket';
  }

  drawBasketLink();
  var path = location.pathname;
  if (path === '/basket') basketPage();
  else if (path === '/thanks') thanksPage();
  else if (path.indexOf('/product/') === 0) productPage(decodeURIComponent(path.slice(9)));
  else home();
  vscr.push(['fire']);
})();
