// The journey inspector: find a visitor, see every touch, and what each model gave it.
import { api, type Conversion, type Journey, type JourneySummary, type Session, type Touch } from './api';
import { count, moment, money, percent } from './format';
import { go, pathOf, useLoad, type Filters } from './state';

interface Properties { session: Session; filters: Filters; onError: (error: unknown) => void }

export function Journeys({ session, filters, onError }: Properties) {
  if (filters.visitor) return <Inspector session={session} filters={filters} onError={onError} />;
  return <Finder session={session} filters={filters} onError={onError} />;
}

function Finder({ session, filters, onError }: Properties) {
  const search = { find: filters.find, goal: filters.goal };
  const found = useLoad(JSON.stringify(search), () => api.journeys(search), onError);
  return (
    <>
      <form class="filters" role="search" onSubmit={(event) => {
        event.preventDefault();
        const value = new FormData(event.currentTarget as HTMLFormElement).get('find');
        go({ ...filters, find: String(value).trim() });
      }}>
        <label>
          Visitor, transaction or channel
          <input name="find" type="search" value={filters.find ?? ''} />
        </label>
        <button type="submit">Find</button>
      </form>
      {found.problem && <p role="alert" class="problem">{found.problem}</p>}
      {!found.value && found.loading && <p role="status">Loading…</p>}
      {found.value?.length === 0 && <p>No journey matches “{filters.find}”.</p>}
      {found.value && found.value.length > 0 && <Found session={session} filters={filters} rows={found.value} />}
    </>
  );
}

function Found({ session, filters, rows }: { session: Session; filters: Filters; rows: JourneySummary[] }) {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Journeys">
      <table>
        <caption>Newest {count(rows.length)} journeys</caption>
        <thead>
          <tr>
            <th scope="col">Visitor</th>
            <th scope="col">Path</th>
            <th scope="col" class="number">Visits</th>
            <th scope="col" class="number">Conversions</th>
            <th scope="col" class="number">Revenue</th>
            <th scope="col">Last visit (UTC)</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr>
              <th scope="row">
                <a href={pathOf({ ...filters, visitor: row.visitor })} onClick={(event) => {
                  event.preventDefault();
                  go({ ...filters, visitor: row.visitor });
                }}><code>{row.visitor.slice(0, 12)}…</code></a>
              </th>
              <td>{row.channels.join(' → ')}</td>
              <td class="number">{count(row.visits)}</td>
              <td class="number">{count(row.conversions)}</td>
              <td class="number">{money(row.revenue_pence, session.currency)}</td>
              <td>{moment(row.last_visit)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Inspector({ session, filters, onError }: Properties) {
  const journey = useLoad(filters.visitor!, () => api.journey(filters.visitor!), onError);
  return (
    <>
      <p>
        <a href={pathOf({ ...filters, visitor: undefined })} onClick={(event) => {
          event.preventDefault();
          go({ ...filters, visitor: undefined });
        }}>← All journeys</a>
      </p>
      <h2>Visitor <code>{filters.visitor}</code></h2>
      {journey.problem && <p role="alert" class="problem">{journey.problem}</p>}
      {!journey.value && journey.loading && <p role="status">Loading…</p>}
      {journey.value && <Touches session={session} journey={journey.value} />}
    </>
  );
}

function Touches({ session, journey }: { session: Session; journey: Journey }) {
  return (
    <>
      {journey.conversions.length === 0 && <p>This visitor has not converted.</p>}
      {journey.conversions.map((conversion) => (
        <section>
          <h3>
            {conversion.goal}, {moment(conversion.at)} UTC, {money(conversion.revenue_pence, session.currency)}
            {conversion.transaction_id && <> (transaction <code>{conversion.transaction_id}</code>)</>}
          </h3>
          <TouchTable journey={journey} touches={conversion.touches} conversion={conversion} />
          {!conversion.trained && (
            <p class="note">Newer than the last training: the rules are shown, the trained models follow.</p>
          )}
        </section>
      ))}
      {journey.later_touches.length > 0 && (
        <section>
          <h3>Touches without a conversion after them</h3>
          <TouchTable journey={journey} touches={journey.later_touches} />
        </section>
      )}
    </>
  );
}

function TouchTable({ journey, touches, conversion }:
                    { journey: Journey; touches: Touch[]; conversion?: Conversion }) {
  const models = conversion ? journey.models : [];
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Touches">
      <table>
        <thead>
          <tr>
            <th scope="col">Time (UTC)</th>
            <th scope="col">Channel</th>
            <th scope="col">Came from</th>
            <th scope="col">Landed on</th>
            <th scope="col" class="number">Pages</th>
            {models.map((model) => <th scope="col" class="number">{model.label}</th>)}
          </tr>
        </thead>
        <tbody>
          {touches.map((touch) => (
            <tr>
              <th scope="row">{moment(touch.at)}</th>
              <td>{touch.channel}</td>
              <td class="long">{touch.referrer || '–'}</td>
              <td class="long">{touch.landing_page}</td>
              <td class="number">{count(touch.pages)}</td>
              {models.map((model) => (
                <td class="number credit" style={{ '--share': touch.credits[model.key] ?? 0 } as any}>
                  {model.key in touch.credits ? percent(touch.credits[model.key]) : '–'}
                </td>
              ))}
            </tr>
          ))}
          {conversion && touches.length === 0 && (
            <tr>
              <th scope="row" colSpan={5}>No touch within the lookback: unattributed</th>
              {models.map((model) => <td class="number">{percent(conversion.unattributed[model.key])}</td>)}
            </tr>
          )}
        </tbody>
      </table>
    </div>
  );
}
