#include "cubed/dcs/simulate_page.h"

namespace cubed::dcs {

std::string_view simulate_page() {
    return R"page(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Simulate a hit</title>
<link rel="icon" href="data:,">
<style>
body {
  font: 1rem/1.5 system-ui, sans-serif;
  max-width: 44rem; margin: 2rem auto; padding: 0 1rem; }
label { display: block; margin: .6rem 0; }
input, select, textarea {
  display: block; width: 100%; box-sizing: border-box; font: inherit; padding: .35rem;
}
button { font: inherit; padding: .4rem 1.2rem; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; border: 1px solid; padding: .8rem; min-height: 3rem; }
</style>
</head>
<body>
<h1>Simulate a hit</h1>
<p>Sends one hit to this collector, as the tag would, and shows what it answers.</p>
<form id="hit">
<label>Account <input name="aid" required placeholder="c-a-demo-uk"></label>
<label>Page address <input name="url" required value="https://shop.example/"></label>
<label>Referrer <input name="ref" value="https://www.google.com/?gclid=simulated"></label>
<label>Title <input name="title" value="Simulated page"></label>
<label>Kind <select name="kind"><option>page</option><option>event</option></select></label>
<label>Consent <select name="consent">
<option value="">not said</option><option>granted</option><option>denied</option></select></label>
<label>Visitor token (empty: a new visitor) <input name="vid"></label>
<label>Session token (empty: a new visit) <input name="sid"></label>
<label>Events (JSON) <textarea name="events" rows="3"
placeholder='[{"name": "purchase", "revenue": 1999, "transaction_id": "T1"}]'></textarea></label>
<label>Labels (JSON) <textarea name="labels" rows="2"
placeholder='[{"name": "member", "type": "boolean", "value": true}]'></textarea></label>
<label>Sync ids (JSON) <input name="sync" placeholder='["crm-1"]'></label>
<p><button>Send</button></p>
</form>
<h2>Answer</h2>
<pre id="answer" role="status" aria-live="polite"></pre>
<script>
document.getElementById('hit').addEventListener('submit', async (event) => {
  event.preventDefault();
  const form = event.target;
  const hit = {};
  for (const [name, value] of new FormData(form)) if (value !== '') hit[name] = value;
  hit.ct = hit.st = Date.now();
  hit.lang = navigator.language;
  const out = document.getElementById('answer');
  try {
    const response = await fetch('/hit', {
      method: 'POST', body: JSON.stringify(hit), headers: { 'Content-Type': 'text/plain' }
    });
    const text = await response.text();
    out.textContent = response.status + ' ' + text;
    const answer = JSON.parse(text);
    if (answer.vid) form.vid.value = answer.vid;
    if (answer.sid) form.sid.value = answer.sid;
  } catch (error) {
    out.textContent += '\n' + error;
  }
});
</script>
</body>
</html>
)page";
}

}  // namespace cubed::dcs
