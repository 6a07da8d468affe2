/// The page as a Mustache template over `PageContent`.
enum PageTemplate {
  static let text = #"""
    <!doctype html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>{{title}}</title>
    <style>
    {{{style}}}</style>
    </head>
    <body>
    <header>
    <p class="kicker">{{kicker}}</p>
    <div class="hero">
    <div class="advice">
    <h1{{^isRecommended}} class="none"{{/isRecommended}}>{{headline}}</h1>
    {{#spec}}
    <span class="pill"><span class="pill-name">{{label}}</span> <b>{{text}}</b></span>
    {{/spec}}
    {{#lead}}<p class="lead">{{.}}</p>{{/lead}}
    {{#reason}}<p>{{.}}</p>{{/reason}}
    {{#toRelax}}
    {{#first()}}<div class="relax"><b>What would have to be relaxed</b>{{/first()}}
    <p>{{.}}</p>
    {{#last()}}</div>{{/last()}}
    {{/toRelax}}
    {{#certainty}}<p class="certainty">{{.}}</p>{{/certainty}}
    </div>
    {{#gainFigure}}
    <div class="gain">
    <span class="gain-figure">{{.}}</span>
    <span class="gain-words">the baseline’s objective</span>
    {{#gainRange}}<span class="gain-range">90 % interval {{.}}</span>{{/gainRange}}
    </div>
    {{/gainFigure}}
    </div>
    <div class="tiles">
    {{#tiles}}
    <div class="tile"><span class="tile-label">{{label}}</span><span class="tile-text">{{text}}</span></div>
    {{/tiles}}
    </div>
    </header>
    <main>
    {{#notes}}
    {{#first()}}<section class="notes"><h2>Notes</h2>{{/first()}}
    <p>{{.}}</p>
    {{#last()}}</section>{{/last()}}
    {{/notes}}
    <div class="pair">
    {{#comparing}}
    <section>
    <h2>Beside the baseline</h2>
    <div class="scroll"><table class="compare">
    <thead><tr><th scope="col"><span class="unseen">quantity</span></th><th scope="col" class="number">baseline</th><th scope="col" class="number">{{heading}}</th></tr></thead>
    <tbody>
    {{#parameters}}
    <tr{{#isChanged}} class="changed"{{/isChanged}}><th scope="row"><code>{{#parts}}{{.}}<wbr>{{/parts}}</code></th><td class="number">{{baseline}}</td><td class="number">{{recommended}}</td></tr>
    {{/parameters}}
    </tbody>
    <tbody>
    {{#results}}
    <tr><th scope="row">{{#parts}}{{.}}{{/parts}}{{#unit}} <span class="unit">{{.}}</span>{{/unit}}</th><td class="number">{{baseline}}</td><td class="number">{{recommended}}{{#interval}}<span class="interval">{{.}}</span>{{/interval}}</td></tr>
    {{/results}}
    </tbody>
    </table></div>
    {{#hasIntervals}}<p class="small">Small numbers are 90 % intervals. Changed levels are bold.</p>{{/hasIntervals}}
    </section>
    {{/comparing}}
    <section>
    <h2>What was sampled</h2>
    {{#share}}
    <div class="bar" role="img" aria-label="{{sentence}}"><span class="bar-visited" style="width:{{visitedWidth}}"></span><span class="bar-pruned" style="width:{{prunedWidth}}"></span></div>
    <ul class="bar-key">
    <li><i class="bar-visited"></i><b>{{visited}}</b> tried</li>
    <li><i class="bar-pruned"></i><b>{{pruned}}</b> ruled out</li>
    <li><i class="bar-left"></i><b>{{left}}</b> left, judged by the model</li>
    </ul>
    <p>{{sentence}}</p>
    {{/share}}
    <p>{{stop}}</p>
    <dl>
    {{#facts}}
    <dt>{{label}}</dt><dd>{{text}}</dd>
    {{/facts}}
    </dl>
    </section>
    </div>
    <div class="charts">
    {{#charts}}
    <figure>
    <figcaption><h2>{{title}}</h2><p class="small">{{explanation}}</p></figcaption>
    {{{svg}}}
    {{#captions}}<p class="small">{{.}}</p>{{/captions}}
    </figure>
    {{/charts}}
    </div>
    {{#smallCharts}}
    <section>
    <h2>Levels of all trials</h2>
    <p class="small">Upwards: <code>{{objective}}</code>. Crosses below the axis are infeasible trials.</p>
    <div class="smalls">
    {{#charts}}
    <figure><figcaption><code>{{parameter}}</code></figcaption>
    {{{svg}}}</figure>
    {{/charts}}
    </div>
    </section>
    {{/smallCharts}}
    {{#trialList}}
    <section>
    <h2>All trials</h2>
    <p class="small">{{count}}. A click on a heading sorts by it.</p>
    <div class="scroll"><table class="trials">
    <thead><tr>{{#columns}}<th scope="col"{{#isNumber}} class="number"{{/isNumber}}><button type="button">{{#parts}}{{.}}<wbr>{{/parts}}</button></th>{{/columns}}</tr></thead>
    <tbody>
    {{#lines}}
    <tr class="{{outcomeClass}}"><td class="number" data-key="{{ordinal}}">{{ordinal}}</td>{{#knobs}}<td{{#isNumber}} class="number"{{/isNumber}} data-key="{{key}}">{{text}}</td>{{/knobs}}<td class="outcome" data-key="{{outcome}}">{{#name}}<b class="tag {{.}}">{{.}}</b> {{/name}}{{#detail}}<details><summary>{{outcome}}</summary><p>{{summary}}</p>{{#doubts}}<p>{{.}}</p>{{/doubts}}{{#log}}<pre>{{.}}</pre>{{/log}}</details>{{/detail}}{{^detail}}{{outcome}}{{/detail}}</td>{{#cells}}<td class="number" data-key="{{key}}">{{text}}</td>{{/cells}}</tr>
    {{/lines}}
    </tbody>
    </table></div>
    </section>
    {{/trialList}}
    {{#patches}}
    {{#first()}}<section class="patches"><h2>How to apply it</h2>{{/first()}}
    <details{{#isOpen}} open{{/isOpen}}><summary>{{title}}</summary>
    <p class="small">{{explanation}}</p>
    <div class="code"><button type="button" class="copy">Copy</button><pre><code>{{text}}</code></pre></div>
    </details>
    {{#last()}}</section>{{/last()}}
    {{/patches}}
    </main>
    <script>
    {{{script}}}</script>
    </body>
    </html>

    """#
}
