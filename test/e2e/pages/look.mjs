// Looks at every page in Chromium: takes a picture of each, lets axe look for what keeps people out, and checks what
// every page promises: nothing from elsewhere, no id broken, nothing to scroll sideways, everything open on paper.
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
  { name: 'print', width: 794, scheme: 'dark', media: 'print' }, // A4; who prints may well have a dark screen
]

const jobs = readdirSync(directory).filter((name) => existsSync(join(directory, name, 'report.html')))
const pages = [
  ...jobs.map((name) => ({ name, address: `file://${directory}/${name}/report.html` })),
  { name: 'error', address: `file://${directory}/error.html` },
  { name: 'week-later', address: `file://${directory}/week-later.html` },
  // It reloads by itself, so that it shows what goes on. axe would have that off.
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
  await page.setBypassCSP(true) // axe is put into the page
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
    // In one call: the page's own two methods undo each other.
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
      // An id is in one piece where it is one rectangle.
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

// GitHub's page of a summary, as near as the style that it publishes and its own renderer of charts come.
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

for (const page of pages) await look(page)
await drawSummaries()
await browser.close()
for (const fault of faults) console.log(fault)
console.log(`Pages and pictures: ${directory}`)
console.log(`${passed} passed, ${faults.length} failed`)
process.exit(faults.length > 0 ? 1 : 0)
