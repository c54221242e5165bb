// Who is on the site now: the last thirty minutes, refreshed while the page is visible.
import { useEffect, useState } from 'preact/hooks';
import { api, type Live } from './api';
import { Chart, type Palette } from './chart';
import { clock, count } from './format';
import { go } from './state';

const REFRESH_MS = 2000;

export function LiveVisitors({ onError }: { onError: (error: unknown) => void }) {
  const [live, setLive] = useState<Live>();
  const [problem, setProblem] = useState('');

  useEffect(() => {
    let stopped = false;
    let timer = 0;
    const load = async () => {
      if (!document.hidden) {
        try {
          setLive(await api.live());
          setProblem('');
        } catch (error) {
          onError(error);
          setProblem((error as Error).message);
        }
      }
      if (!stopped) timer = window.setTimeout(load, REFRESH_MS);
    };
    load();
    return () => {
      stopped = true;
      clearTimeout(timer);
    };
  }, []);

  if (!live) return problem ? <p role="alert" class="problem">{problem}</p> : <p role="status">Loading…</p>;
  return (
    <>
      {problem && <p role="alert" class="problem">{problem}</p>}
      <p class="figure" aria-live="polite"><strong>{count(live.visitors)}</strong> {live.visitors === 1 ? 'visitor' : 'visitors'} in the last 30 minutes</p>
      <PerMinute minutes={live.per_minute} />
      {live.visits.length === 0 ? <p>Nobody is here right now. Visits appear within seconds of a page view.</p> : <Visits live={live} />}
    </>
  );
}

function PerMinute({ minutes }: { minutes: number[] }) {
  const options = (colours: Palette) => ({
    textStyle: { color: colours.text },
    grid: { left: 8, right: 8, top: 16, bottom: 8, containLabel: true },
    tooltip: { trigger: 'axis' },
    xAxis: {
      type: 'category', axisLabel: { color: colours.text },
      data: minutes.map((_, index) => (index === minutes.length - 1 ? 'now' : `−${minutes.length - 1 - index} min`)),
    },
    yAxis: { type: 'value', minInterval: 1, axisLabel: { color: colours.text }, splitLine: { lineStyle: { color: colours.line } } },
    series: [{ name: 'Page views', type: 'bar', data: minutes, itemStyle: { color: colours.first } }],
  });
  return <Chart label="Page views per minute, last 30 minutes" height={180} options={options} />;
}

function Visits({ live }: { live: Live }) {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Visits in the last 30 minutes">
      <table>
        <thead>
          <tr>
            <th scope="col">Last seen (UTC)</th>
            <th scope="col">Visitor</th>
            <th scope="col">Channel</th>
            <th scope="col">Page</th>
            <th scope="col" class="number">Pages</th>
            <th scope="col">Browser</th>
            <th scope="col">Events</th>
          </tr>
        </thead>
        <tbody>
          {live.visits.map((visit) => (
            <tr>
              <th scope="row">{clock(visit.at)}</th>
              <td>
                <a href={`/journeys?visitor=${visit.visitor}`} onClick={(event) => {
                  event.preventDefault();
                  go({ page: 'journeys', visitor: visit.visitor });
                }}><code>{visit.visitor.slice(0, 8)}…</code></a>
              </td>
              <td>{visit.channel}</td>
              <td class="long">{visit.page}</td>
              <td class="number">{count(visit.pages)}</td>
              <td>{visit.browser}{visit.country ? `, ${visit.country}` : ''}</td>
              <td>{visit.events.join(', ')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
