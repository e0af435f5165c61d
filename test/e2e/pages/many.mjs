// Responds like an orchestrator with many lifecycles: the three documents of internal/report's tests in rotation, with
// different ids, stack tags, versions and dates.
//
// usage: node many.mjs COUNT    It prints its address to stdout.
import { createServer } from 'node:http'
import { readFileSync } from 'node:fs'

const count = Number(process.argv[2])
const documents = ['lifecycle', 'failed', 'patching'].map((name) => readFileSync(`internal/report/testdata/${name}.json`, 'utf8'))
const two = (n) => String(n).padStart(2, '0')
const list = Array.from({ length: count }, (_, i) => documents[i % 3]
  .replace(/("lifecycle_id": ")[^"]*/, `$1${i.toString(16).padStart(8, '0')}-fa7e-473e-a2ba-734ccfe1d0d7`)
  .replace(/("stack_tag": ")[^"]*/, `$1${['main', 'release-2026', 'develop'][i % 7 % 3]}`)
  .replace(/("product_ver": ")[^"]*/, `$1${i * 7 % 13}.${i % 5}.0`)
  .replaceAll(/("ami_semver": ")[^"]*/g, `$1${i * 11 % 17}.${i * 3 % 23}.${i % 29}`)
  .replaceAll(/(_date": ")\d\d\/\d\d\/2026/g, `$1${two(1 + i % 3)}/${two(1 + i * 5 % 28)}/2026`))
const body = `[${list.join(',')}]`

createServer((request, response) => response.end(body)).listen(0, '127.0.0.1', function () {
  console.log(`listening on http://127.0.0.1:${this.address().port}`)
})
