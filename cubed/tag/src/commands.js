// The verbs a page pushes. Each takes the state and the values that followed the verb.

const camelOr = (object, snake) => {
  const camel = snake.replace(/_(.)/g, (_, letter) => letter.toUpperCase());
  return object[snake] !== undefined ? object[snake] : object[camel] !== undefined ? object[camel] : object[snake.replace(/_/g, ' ')];
};

// Rows as objects, or the parallel arrays that tag managers map (product_name[], product_sku[], ...).
const detailsOf = (values) => {
  let rows = values.details;
  if (!rows && values.product_name) {
    rows = values.product_name.map((name, i) => ({
      name,
      sku: (values.product_sku || [])[i],
      quantity: (values.product_quantity || [])[i],
      unit_price: (values.product_unit_price || [])[i]
    }));
  }
  return rows && [].concat(rows).map((row) => ({
    sku: row.sku,
    name: row.name,
    quantity: row.quantity,
    unit_price: camelOr(row, 'unit_price')
  }));
};

const label = (type, name, value) => ({
  name,
  type,
  value: value instanceof Date || Object.prototype.toString.call(value) === '[object Date]' ? value.toISOString() : value
});

const labelsOf = (labels) => labels && [].concat(labels).map((l) => label(l.type, l.name, l.value));

const addEvent = (state, values) => {
  if (typeof values === 'string') values = { name: values };
  state.events.push({
    name: values.name,
    revenue: values.revenue,
    transaction_id: camelOr(values, 'transaction_id'),
    currency: values.currency,
    details: detailsOf(values),
    discount: values.discount,
    shipping: values.shipping,
    labels: labelsOf(values.labels)
  });
};

// ['addIntLabel', {name, value, level, event}] or ['addIntLabel', name, value, level]. `level` is 'visit' (the default) or
// 'event': then it belongs to the latest event, or to the latest one named `event`.
const addLabel = (type) => (state, name, value, level) => {
  let event;
  if (Array.isArray(name)) [name, value, level] = name;
  if (name && typeof name === 'object') ({ name, value, level, event } = name);
  const made = label(type, name, value);
  if (event || level === 'event') {
    const found = state.events.filter((e) => !event || e.name === event).pop();
    if (found) return (found.labels = found.labels || []).push(made);
  }
  return state.labels.push(made);
};

const addSyncIds = (state, ...ids) => {
  [].concat(...ids).forEach((id) => {
    if (id || id === 0) state.sync.push(String(id));
  });
};

const setConsent = (state, value) => {
  state.consent = value === true || value === 'granted' ? 'granted' : value === false || value === 'denied' ? 'denied' : '';
};

export const commands = {
  setAccount: (state, account) => { state.account = account; },
  setServer: (state, server) => {
    state.server = (/^https?:/.test(server) ? server : 'https://' + server).replace(/\/+$/, '');
  },
  setConsent,
  addForwardParam: (state, name) => { state.fwdParams.push(name); },
  addIgnoredURL: (state, url) => { state.ignoredURLs.push(url); },
  addEvent,
  addIntLabel: addLabel('integer'),
  addFloatLabel: addLabel('float'),
  addStringLabel: addLabel('string'),
  addDateTimeLabel: addLabel('datetime'),
  addDataTimeLabel: addLabel('datetime'), // so spelled on pages in the wild
  addBoolLabel: addLabel('boolean'),
  addSyncId: addSyncIds,
  addSyncIds
};
