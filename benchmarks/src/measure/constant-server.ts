/** The baseline: express, and a constant that is ready to be sent. `PORT` and `BYTES` come from the environment. */
import express from 'express'

const body = Buffer.from(JSON.stringify('x'.repeat(Math.max(0, Number(process.env.BYTES) - 2))))
const app = express()
app.disable('etag')
app.get('/', (_request, response) => {
  response.type('json').send(body)
})
app.post('/', express.json(), (_request, response) => {
  response.type('json').send(body)
})
const server = app.listen(Number(process.env.PORT), '127.0.0.1')
process.once('SIGTERM', () => {
  server.closeAllConnections()
  server.close()
})
