// Opens every page in Chromium, takes a picture of each, runs axe for accessibility, and checks the rules for all pages:
// they load nothing from elsewhere, no id is broken into lines, no page scrolls sideways, and print shows all details.
//
// usage: node look.mjs DIRECTORY ADDRESS-OF-THE-SANDBOX
import { readdirSync, readFileSync, writeFileSync, existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

const require = createRequire(join(process.env.AMI_E2E_TOOLS, 'package.json'))
const { default: puppeteer } = await import(require.resolve('puppeteer-core'))
const { marked } = require('marked')
const tool = (path) => join(process.env.AMI_E2E_TOOLS, 'node_modules', path)
const axe = readFileSync(tool('axe-core/axe.min.js'), 'utf8')

const [directory, sandbox] = process.argv.slice(2)
const modes = [
  { name: 'light', width: 1100, scheme: 'light' },
  { name: 'dark', width: 1100, scheme: 'dark' },
  { name: '360', width: 360, scheme: 'light' },
  { name: 'print', width: 794, scheme: 'dark', media: 'print' }, // A4; the user's screen may be dark
]

const jobs = readdirSync(directory).filter((name) => existsSync(join(directory, name, 'report.html')))
const pages = [
  ...jobs.map((name) => ({ name, address: `file://${directory}/${name}/report.html` })),
  { name: 'error', address: `file://${directory}/error.html` },
  { name: 'week-later', address: `file://${directory}/week-later.html` },
  // This page reloads itself to show progress, which axe reports.
  { name: 'sandbox', address: sandbox, allowed: ['meta-refresh'] },
]

const browser = await puppeteer.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'],
})
const faults = []
let passed = 0

async function look({ name, address, allowed = [] }) {
  const page = await browser.newPage()
  const devtools = await page.createCDPSession()
  await page.setBypassCSP(true) // so that axe can run in the page
  page.on('request', (request) => {
    const url = request.url()
    if (!url.startsWith(address) && !url.startsWith('data:') && !url.endsWith('/favicon.ico')) faults.push(`${name}: asks for ${url}`)
  })
  page.on('pageerror', (error) => faults.push(`${name}: ${error.message}`))
  await page.goto(address)
  await page.evaluate(axe)
  for (const mode of modes) {
    const before = faults.length
    const fault = (text) => faults.push(`${name}, ${mode.name}: ${text}`)
    await page.setViewport({ width: mode.width, height: 900 })
    // This must be one call, because puppeteer's two methods for it undo each other.
    await devtools.send('Emulation.setEmulatedMedia', {
      media: mode.media ?? 'screen', features: [{ name: 'prefers-color-scheme', value: mode.scheme }],
    })
    await page.screenshot({ path: join(directory, `${name}-${mode.name}.png`), fullPage: true })
    const result = await page.evaluate(() => axe.run({ resultTypes: ['violations'] }))
    for (const violation of result.violations.filter((v) => !allowed.includes(v.id))) {
      fault(`axe: ${violation.help}: ${violation.nodes.map((node) => node.target.join(' ')).join(', ')}`)
    }
    const seen = await page.evaluate(() => ({
      sideways: document.documentElement.scrollWidth > innerWidth,
      // An id is on one line if it has one rectangle.
      broken: [...document.querySelectorAll('code, .whole')]
        .filter((element) => /^(ami-[0-9a-f]+|[0-9a-f-]{36}|[0-9a-f]{40})$/.test(element.textContent) && element.getClientRects().length > 1)
        .map((element) => element.textContent),
      closed: [...document.querySelectorAll('details > pre')].filter((element) => !element.checkVisibility({ contentVisibilityAuto: true })).length,
    }))
    if (seen.sideways) fault('scrolls sideways')
    if (seen.broken.length > 0) fault(`broken: ${seen.broken.join(', ')}`)
    if (mode.media === 'print' && seen.closed > 0) fault('something is closed')
    if (faults.length === before) passed++
  }
  await page.close()
}

// Renders the summaries with the style that GitHub publishes and its renderer of charts, as close to GitHub's page as
// these allow.
async function drawSummaries() {
  const summaries = [
    ...readdirSync(directory).filter((name) => existsSync(join(directory, name, 'summary.md'))).map((name) => [name, join(name, 'summary.md')]),
    ...['failed', 'patching'].map((name) => [`golden-${name}`, `golden-${name}.md`]),
  ]
  const alerts = { CAUTION: '#d1242f', TIP: '#1a7f37', WARNING: '#9a6700' }
  for (const scheme of ['light', 'dark']) {
    let body = ''
    for (const [name, path] of summaries) {
      let html = marked.parse(readFileSync(join(directory, path), 'utf8'))
      html = html.replace(/<blockquote>\s*<p>\[!(\w+)\]\s*/g, (_, kind) => `<blockquote style="border-left-color:${alerts[kind]}"><p><b style="color:${alerts[kind]}">${kind}</b><br>`)
      html = html.replace(/<pre><code class="language-mermaid">([\s\S]*?)<\/code><\/pre>/g, '<pre class="mermaid" style="background:none">$1</pre>')
      body += `<p><i>${name}</i></p><section id="${name}">${html}</section><hr>`
    }
    const file = join(directory, `summaries-${scheme}.html`)
    writeFileSync(file, `<!doctype html><meta charset="utf-8"><style>${readFileSync(tool(`github-markdown-css/github-markdown-${scheme}.css`), 'utf8')}</style>
      <body class="markdown-body" style="padding:24px"><script>${readFileSync(tool('mermaid/dist/mermaid.min.js'), 'utf8').replaceAll('</script>', '<\\/script>')}</script>
      <script>mermaid.initialize({ startOnLoad: false, theme: '${scheme === 'dark' ? 'dark' : 'default'}' })</script>${body}`)
    const page = await browser.newPage()
    page.on('pageerror', (error) => faults.push(`summaries, ${scheme}: ${error.message}`))
    await page.setViewport({ width: 1000, height: 900 })
    await page.goto(`file://${file}`)
    const charts = await page.evaluate(async () => {
      await mermaid.run()
      return [document.querySelectorAll('pre.mermaid').length, document.querySelectorAll('pre.mermaid svg').length]
    })
    if (charts[0] === 0 || charts[0] !== charts[1]) faults.push(`summaries, ${scheme}: ${charts[1]} of ${charts[0]} charts are drawn`)
    else passed++
    await page.screenshot({ path: join(directory, `summaries-${scheme}.png`), fullPage: true })
    if (process.env.AMI_PICTURE && scheme === 'light') {
      await (await page.$('#created')).screenshot({ path: process.env.AMI_PICTURE })
    }
    await page.close()
  }
}

// Checks the content of the page with 10,000 lifecycles. The times for opening and sorting are printed, but not checked.
async function lookAtMany(count) {
  const file = join(directory, 'many.html')
  const check = (isRight, text) => (isRight ? passed++ : faults.push(`many: ${text}`))
  const open = async (path, javaScript = true) => {
    const page = await browser.newPage()
    page.on('pageerror', (error) => faults.push(`many: ${error.message}`))
    await page.setJavaScriptEnabled(javaScript)
    await page.setBypassCSP(true) // so that axe can run in the page
    await page.setViewport({ width: 1400, height: 900 })
    await page.goto(`file://${path}`)
    return page
  }
  const rows = (page) => page.$$eval('#rows > tr', (all) => all.map((tr) => tr.outerHTML))
  // click clicks a column head so many times. It returns the milliseconds from the last click until it is painted.
  const click = (page, column, times = 1) => page.evaluate(async (column, times) => {
    const button = document.querySelector(`th[data-sort=${column}] button`)
    for (let i = 1; i < times; i++) button.click()
    const begun = performance.now()
    button.click()
    await new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted)))
    return Math.round(performance.now() - begun)
  }, column, times)
  const showAll = (page) => page.evaluate(() => { while (!document.getElementById('more').hidden) document.getElementById('more').click() })
  const cells = (page, label) => page.$$eval(`#rows td[data-label="${label}"]`, (all) => all.map((td) => (td.firstChild ?? td).textContent.trim()))

  const begun = performance.now()
  const page = await open(file)
  await page.evaluate(() => new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted))))
  const took = { open: Math.round(performance.now() - begun) }
  const first = await rows(page)
  const order = { Version: new Intl.Collator('en', { numeric: true }).compare, Changed: (a, b) => (a < b ? -1 : Number(a > b)) }
  for (const [label, column] of [['Product', 'product'], ['Version', 'version'], ['Changed', 'changed']]) {
    took[column] = await click(page, column)
    if (!order[label]) continue
    await showAll(page)
    for (const direction of [1, -1]) {
      if (direction < 0) {
        await click(page, column)
        await showAll(page)
      }
      const shown = await cells(page, label)
      const filled = shown.filter(Boolean)
      check(shown.length === count, `${shown.length} rows and not ${count}`)
      check(shown.lastIndexOf(filled.at(-1)) === filled.length - 1, `${label}: what is empty does not come last`)
      check(filled.every((text, i) => i === 0 || direction * order[label](filled[i - 1], text) <= 0), `${label}: not in order`)
    }
    check(new Set(await page.$$eval('#rows td[data-label=Product] code', (all) => all.map((code) => code.textContent))).size === count, 'an id is there twice')
    await click(page, column)
    check((await rows(page)).join() === first.join(), `${label}: the third click does not bring back the first order`)
  }
  took.find = await page.evaluate(async () => {
    const begun = performance.now()
    document.getElementById('find').value = 'release-2026 failed'
    document.getElementById('find').dispatchEvent(new Event('input'))
    while (!document.getElementById('shown').textContent) await new Promise((painted) => requestAnimationFrame(painted))
    return Math.round(performance.now() - begun)
  })
  await showAll(page)
  const matching = await rows(page)
  await page.evaluate(() => document.querySelector('th[data-sort=state] button').click())
  await page.evaluate(axe)
  const { violations } = await page.evaluate(() => axe.run({ resultTypes: ['violations'] }))
  check(violations.length === 0, `axe: ${violations.map((violation) => violation.help).join(', ')}`)
  check(matching.length > 0 && matching.every((row) => row.includes('release-2026') && row.includes('failed')), 'finds what does not match')
  await page.close()

  // The script must create the same rows as those in the page.
  writeFileSync(join(directory, 'many-empty.html'), readFileSync(file, 'utf8').replace(/(<tbody[^>]*>)[\s\S]*?(?=<\/tbody>)/, '$1'))
  const empty = await open(join(directory, 'many-empty.html'))
  await click(empty, 'state', 3)
  const made = await rows(empty)
  check(made.length === first.length && made.every((row, i) => row === first[i]), `the script makes other rows: ${made[0]} and not ${first[0]}`)
  await empty.close()

  const still = await open(file, false)
  check((await still.$$('#rows > tr')).length === first.length && (await still.$('#controls:not([hidden])')) === null, 'without scripts it is another page')
  check((await still.$eval('noscript p', (note) => note.innerText)).includes(`of ${count} lifecycles are shown`), 'without scripts it does not say what is missing')
  await still.close()
  console.log(`The page of ${count} lifecycles, ms: ${Object.entries(took).map(([what, ms]) => `${what} ${ms}`).join(', ')}`)
}

for (const page of pages) await look(page)
await lookAtMany(10_000)
await drawSummaries()
await browser.close()
for (const fault of faults) console.log(fault)
console.log(`Pages and pictures: ${directory}`)
console.log(`${passed} passed, ${faults.length} failed`)
process.exit(faults.length > 0 ? 1 : 0)
