#!/usr/bin/env bash
# nano keeps a session's cookie by `Expires` alone. One that ends by `Max-Age`, which RFC 6265 gives precedence, or with the
# session, is never sent: the login succeeds and the next request is anonymous.
# Expected: a cookie with Max-Age=600 is sent back for ten minutes.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund nano@11.0.7
cat > look.cjs <<'NODE'
const http = require('http')
const Nano = require('nano')
console.log('nano', require('nano/package.json').version, 'node', process.version)
const ends = {
  'Max-Age': 'Max-Age=600',
  'neither': '',
  'Expires': 'Expires=' + new Date(Date.now() + 600000).toUTCString(),
}
let how
const sent = {}
const server = http.createServer((request, response) => {
  const headers = { 'Content-Type': 'application/json' }
  if (request.url === '/_session') headers['Set-Cookie'] = `AuthSession=abc; ${ends[how]}; Path=/; HttpOnly`
  else sent[how] = request.headers.cookie || null
  request.resume()
  response.writeHead(200, headers)
  response.end('{"ok":true}')
})
server.listen(0, '127.0.0.1', async () => {
  for (how of Object.keys(ends)) {
    const client = Nano(`http://127.0.0.1:${server.address().port}`)
    await client.auth('ana', 'secreto')
    await client.request({ path: '_all_dbs' })
    console.log(`the cookie's end is told by ${how}: sent back ${sent[how]}`)
  }
  const same = sent['Max-Age'] === null && sent.neither === null && sent.Expires === 'AuthSession=abc'
  process.exit(same ? 0 : 1)
})
NODE
node look.cjs
# Seen: Max-Age: null; neither: null; Expires: AuthSession=abc
