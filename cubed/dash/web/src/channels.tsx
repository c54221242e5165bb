// The channel report: modelled credit beside last click, with its interval, and totals that reconcile.
import { api, type ChannelReport, type ChannelRow, type Goal, type Session } from './api';
import { Chart, type Palette } from './chart';
import { count, moment, money, percent, sales, variance } from './format';
import { go, useLoad, type Filters } from './state';

interface Properties { session: Session; filters: Filters; onError: (error: unknown) => void }

export function Channels({ session, filters, onError }: Properties) {
  const range = { goal: filters.goal, from: filters.from, to: filters.to };
  const report = useLoad(JSON.stringify(range), () => api.channels(range), onError);
  const goals = useLoad('goals', api.goals, onError);
  return (
    <>
      <FilterBar filters={filters} goals={goals.value ?? []} report={report.value} />
      {report.problem && <p role="alert" class="problem">{report.problem}</p>}
      {!report.value && report.loading && <p role="status">Loading…</p>}
      {report.value && <Report session={session} report={report.value} filters={filters} />}
    </>
  );
}

function FilterBar({ filters, goals, report }: { filters: Filters; goals: Goal[]; report?: ChannelReport }) {
  const set = (name: 'goal' | 'from' | 'to') => (event: Event) =>
    go({ ...filters, [name]: (event.currentTarget as HTMLInputElement).value });
  return (
    <form class="filters" aria-label="Filters" onSubmit={(event) => event.preventDefault()}>
      <label>
        Goal
        <select value={filters.goal ?? String(report?.goal.id ?? '')} onChange={set('goal')}>
          {goals.map((goal) => <option value={String(goal.id)}>{goal.name}</option>)}
        </select>
      </label>
      <label>From <input type="date" value={filters.from ?? report?.from ?? ''} onChange={set('from')} /></label>
      <label>To <input type="date" value={filters.to ?? report?.to ?? ''} onChange={set('to')} /></label>
      <a class="button" href={api.channelsCsvPath(filters)} download>Download CSV</a>
    </form>
  );
}

function Report({ session, report, filters }: { session: Session; report: ChannelReport; filters: Filters }) {
  if (report.conversions === 0) {
    return <p>No conversions of “{report.goal.name}” between {report.from} and {report.to}.</p>;
  }
  if (report.model === null) {
    return (
      <p>
        {count(report.conversions)} conversions, but no model has been trained yet. Run{' '}
        <code>cubed train customer --account {session.account}</code>.
      </p>
    );
  }
  return (
    <>
      <p class="note">
        Model {report.model.name}, version {report.model.version}, trained {moment(report.model.trained_at)} UTC,
        lookback {report.model.lookback_days} days. Intervals are {percent(report.model.interval_level)}, by resampling
        visitors. Modelled credit describes paths; it is not proof of cause.
        {report.model.newer_conversions > 0 && (
          <> {count(report.model.newer_conversions)} conversions are newer than this model and not in the report yet.</>
        )}
      </p>
      <Comparison report={report} />
      <ReportTable session={session} report={report} filters={filters} />
    </>
  );
}

function Comparison({ report }: { report: ChannelReport }) {
  const rows = [...report.rows].reverse();
  const options = (colours: Palette) => ({
    textStyle: { color: colours.text },
    legend: { top: 0, textStyle: { color: colours.text } },
    tooltip: { trigger: 'axis', axisPointer: { type: 'shadow' }, valueFormatter: (value: number) => sales(Number(value)) },
    grid: { left: 8, right: 24, top: 32, bottom: 8, containLabel: true },
    xAxis: { type: 'value', axisLabel: { color: colours.text }, splitLine: { lineStyle: { color: colours.line } } },
    yAxis: { type: 'category', data: rows.map((row) => row.channel), axisLabel: { color: colours.text } },
    series: [
      { name: 'Modelled', type: 'bar', itemStyle: { color: colours.first }, data: rows.map((row) => row.fm_sales) },
      { name: 'Last click', type: 'bar', itemStyle: { color: colours.second }, data: rows.map((row) => row.lc_sales) },
      interval(rows, colours),
    ],
  });
  return <Chart label="Conversions by channel, modelled and last click" height={80 + rows.length * 44} options={options} />;
}

/** A whisker over each modelled bar, from the low to the high end of its interval. */
function interval(rows: ChannelRow[], colours: Palette) {
  return {
    name: 'Interval',
    type: 'custom',
    z: 3,
    itemStyle: { color: colours.text },
    tooltip: { show: false },
    encode: { x: [1, 2], y: 0 },
    data: rows.map((row, index) => [index, row.fm_sales_low ?? row.fm_sales, row.fm_sales_high ?? row.fm_sales]),
    renderItem: (_: unknown, item: any) => {
      const low = item.coord([item.value(1), item.value(0)]);
      const high = item.coord([item.value(2), item.value(0)]);
      const middle = low[1] - 9;
      const style = { stroke: colours.text, lineWidth: 1.5 };
      const line = (x1: number, y1: number, x2: number, y2: number) =>
        ({ type: 'line', shape: { x1, y1, x2, y2 }, style });
      return {
        type: 'group',
        children: [line(low[0], middle, high[0], middle), line(low[0], middle - 4, low[0], middle + 4),
                   line(high[0], middle - 4, high[0], middle + 4)],
      };
    },
  };
}

function ReportTable({ session, report, filters }: { session: Session; report: ChannelReport; filters: Filters }) {
  const sum = (pick: (row: ChannelRow) => number) => report.rows.reduce((total, row) => total + pick(row), 0);
  const fm = sum((row) => row.fm_sales) + report.unattributed.fm_sales;
  const lc = sum((row) => row.lc_sales) + report.unattributed.lc_sales;
  const fmRevenue = sum((row) => row.fm_revenue_pence) + report.unattributed.fm_revenue_pence;
  const lcRevenue = sum((row) => row.lc_revenue_pence) + report.unattributed.lc_revenue_pence;
  const reconciles = Math.abs(fm - report.conversions) < 1e-6 && Math.abs(lc - report.conversions) < 1e-6 &&
    fmRevenue === report.revenue_pence && lcRevenue === report.revenue_pence;
  const cash = (pence: number) => money(pence, session.currency);
  return (
    <>
      <div class="scroll" tabIndex={0} role="region" aria-label="Channel report">
        <table>
          <caption>
            {report.goal.name}, {report.from} to {report.to}
          </caption>
          <thead>
            <tr>
              <th scope="col">Channel</th>
              <th scope="col" class="number">Visits</th>
              <th scope="col" class="number">Modelled</th>
              <th scope="col" class="number">Interval</th>
              <th scope="col" class="number">Last click</th>
              <th scope="col" class="number">Variance</th>
              <th scope="col" class="number">Modelled revenue</th>
              <th scope="col" class="number">Last-click revenue</th>
            </tr>
          </thead>
          <tbody>
            {report.rows.map((row) => (
              <tr>
                <th scope="row">
                  <a href={`/journeys?find=${encodeURIComponent(row.channel)}`} onClick={(event) => {
                    event.preventDefault();
                    go({ ...filters, page: 'journeys', find: row.channel });
                  }}>{row.channel}</a>
                </th>
                <td class="number">{count(row.visits)}</td>
                <td class="number">{sales(row.fm_sales)}</td>
                <td class="number">
                  {row.fm_sales_low === null ? '–' : `${sales(row.fm_sales_low)} – ${sales(row.fm_sales_high!)}`}
                </td>
                <td class="number">{sales(row.lc_sales)}</td>
                <td class="number">{variance(row.fm_sales, row.lc_sales)}</td>
                <td class="number">{cash(row.fm_revenue_pence)}</td>
                <td class="number">{cash(row.lc_revenue_pence)}</td>
              </tr>
            ))}
            <tr>
              <th scope="row">Unattributed</th>
              <td class="number" />
              <td class="number">{sales(report.unattributed.fm_sales)}</td>
              <td class="number" />
              <td class="number">{sales(report.unattributed.lc_sales)}</td>
              <td class="number" />
              <td class="number">{cash(report.unattributed.fm_revenue_pence)}</td>
              <td class="number">{cash(report.unattributed.lc_revenue_pence)}</td>
            </tr>
          </tbody>
          <tfoot>
            <tr>
              <th scope="row">Total</th>
              <td class="number">{count(sum((row) => row.visits))}</td>
              <td class="number">{sales(fm)}</td>
              <td class="number" />
              <td class="number">{sales(lc)}</td>
              <td class="number" />
              <td class="number">{cash(fmRevenue)}</td>
              <td class="number">{cash(lcRevenue)}</td>
            </tr>
          </tfoot>
        </table>
      </div>
      <p class={reconciles ? 'good' : 'problem'} data-reconciles={String(reconciles)}>
        {reconciles ? '✓ ' : '✗ '}
        {count(report.conversions)} conversions and {cash(report.revenue_pence)} recorded; both models account for{' '}
        {reconciles ? 'exactly that' : 'something else: this report is wrong'}.
      </p>
    </>
  );
}
