// Numbers and times as people read them, in the browser's own language.

const whole = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 });
const credit = new Intl.NumberFormat(undefined, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const share = new Intl.NumberFormat(undefined, { style: 'percent', maximumFractionDigits: 1 });
const signed = new Intl.NumberFormat(undefined, {
  style: 'percent', maximumFractionDigits: 1, signDisplay: 'exceptZero',
});

export const count = (value: number) => whole.format(value);
export const sales = (value: number) => credit.format(value);
export const percent = (value: number) => share.format(value);

/** (fm - lc) / lc; a dash where last click gives nothing, because a ratio to zero says nothing. */
export const variance = (fm: number, lc: number) => (lc === 0 ? '–' : signed.format((fm - lc) / lc));

export function money(pence: number, currency: string): string {
  return new Intl.NumberFormat(undefined, { style: 'currency', currency }).format(pence / 100);
}

export function moment(iso: string): string {
  return new Date(iso).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' });
}

export function clock(iso: string): string {
  return new Date(iso).toLocaleTimeString(undefined, { timeZone: 'UTC' });
}
