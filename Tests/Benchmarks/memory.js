// The server whose place jobd takes: jobs in a map in memory, server-sent events by res.write.
//
//     node memory.js SOCKET

const http = require("node:http")

const jobs = new Map()
const readers = new Map()

function readersOf(id) {
  if (!readers.has(id)) readers.set(id, new Set())
  return readers.get(id)
}

function stream(id, request, response) {
  response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no" })
  response.write(`data: ${JSON.stringify(jobs.get(id))}\n\n`)
  readersOf(id).add(response)
  request.on("close", () => readersOf(id).delete(response))
}

function change(id, text, response) {
  const job = { ...jobs.get(id), ...JSON.parse(text), jobId: id, updatedAt: new Date().toISOString() }
  jobs.set(id, job)
  for (const reader of readersOf(id)) reader.write(`data: ${JSON.stringify(job)}\n\n`)
  response.writeHead(200, { "Content-Type": "application/json" })
  response.end(JSON.stringify(job))
}

http.createServer((request, response) => {
  const [, , , id, verb] = request.url.split("/")
  if (request.method === "GET" && jobs.has(id) && verb === "stream") return stream(id, request, response)
  if (request.method === "PATCH") {
    let text = ""
    request.on("data", (part) => (text += part))
    request.on("end", () => change(id, text, response))
    return
  }
  response.writeHead(404).end()
}).listen(process.argv[2])
