// Draws the chart that the README shows, from the results of one run: HS256 tokens per second, a panel for each way of
// use. Plain SVG: system fonts, colours for light and dark, no scripts.

const panels = [
  ['verify, asynchronous, 64 in flight', 'verify', '64 in flight', ['raw subtle', 'waxseal', 'jose', 'hono', 'tsndr']],
  ['verify, synchronous', 'verify', 'synchronous', ['raw node:crypto', 'waxseal/node', 'fast-jwt', 'jsonwebtoken']],
  ['sign, asynchronous, 64 in flight', 'sign', '64 in flight', ['raw subtle', 'waxseal', 'jose', 'hono', 'tsndr']],
  ['sign, synchronous', 'sign', 'synchronous', ['raw node:crypto', 'waxseal/node', 'fast-jwt', 'jsonwebtoken']],
]

const names = { node: 'Node', bun: 'Bun', deno: 'Deno' }
const width = 760
const panelWidth = 350
const barLeft = 112
const barRoom = panelWidth - barLeft - 66
const step = 24

const escape = (text) => text.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`)
const text = (x, y, words, kind = '') => `<text x="${x}" y="${y}"${kind && ` class="${kind}"`}>${escape(words)}</text>`
const perSecond = (microseconds) => Math.round(1e6 / microseconds)
const shown = (count) => `${count >= 1e5 ? Math.round(count / 1000) : (count / 1000).toFixed(1)} k/s`

/** One panel: a bar for each library, the longest the fastest. */
function panel({ cases }, [heading, operation, manner, libraries], left, top) {
  const { results } = cases.find(({ group, what, manner: how }) => group === 'sizes' && what.join() === `HS256,${operation},small` && how === manner)
  const bars = libraries.flatMap((name) => results.filter((result) => result.name === name).map(({ time }) => ({ name, count: perSecond(time.median) })))
  const most = Math.max(...bars.map(({ count }) => count))
  return [
    text(left, top, heading, 'heading'),
    ...bars.flatMap(({ name, count }, i) => {
      const y = top + 12 + i * step
      const long = Math.max(2, Math.round(barRoom * count / most))
      const ours = name.startsWith('waxseal') ? ' ours' : name.startsWith('raw') ? ' raw' : ''
      return [
        text(left + barLeft - 8, y + 13, name, `name${ours}`),
        `<rect x="${left + barLeft}" y="${y}" width="${long}" height="17" rx="2" class="bar${ours}"/>`,
        text(left + barLeft + long + 6, y + 13, shown(count), `count${ours}`),
      ]
    }),
  ].join('\n')
}

/** The SVG, as text. */
export function drawChart(run) {
  const rowHeight = 162
  const height = 64 + 2 * rowHeight + 10
  const libraries = ['jose', 'hono', 'tsndr', 'fast-jwt', 'jsonwebtoken'].map((name) => `${name} ${run.versions[name]}`).join(', ')
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title">
<title id="title">HS256 tokens of 200 bytes per second, waxseal beside its rivals</title>
<style>
  text { font: 13px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #24292f }
  .title { font-size: 15px; font-weight: 600 }
  .heading { font-weight: 600 }
  .name { text-anchor: end }
  .note { font-size: 11px; fill: #57606a }
  .bar { fill: #afb8c1 }
  .bar.ours { fill: #b3342d }
  .bar.raw { fill: none; stroke: #afb8c1 }
  text.ours { font-weight: 600 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    .note { fill: #9198a1 }
    .bar { fill: #57606a }
    .bar.ours { fill: #e5534b }
    .bar.raw { fill: none; stroke: #57606a }
  }
</style>
${text(8, 24, 'HS256 tokens per second, 200 bytes of claims (longer is faster)', 'title')}
${panels.map((one, i) => panel(run, one, 8 + (i % 2) * (panelWidth + 44), 58 + Math.floor(i / 2) * rowHeight)).join('\n')}
${text(8, height - 24, `${names[run.runtime]} ${run.version}, ${run.machine.processor}, ${run.machine.cores} shared cores, ${run.date}. "Raw" is the HMAC alone, without a token around it.`, 'note')}
${text(8, height - 8, `${libraries}. All figures, and what is not comparable: bench/RESULTS.md`, 'note')}
</svg>
`
}
