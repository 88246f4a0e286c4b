import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:https";

// As much of S3 as uploads need, in a process of its own, that keeps nothing: what is measured is the client and not
// the store. Bodies are read to their end and hashed for their ETag, as S3 does before it answers.
let uploads = 0;
const bytes = { received: 0, requests: 0 };

const [keyFile, certFile] = process.argv.slice(2);
const server = createServer({ key: readFileSync(keyFile), cert: readFileSync(certFile) }, (request, response) => {
  const hash = createHash("md5");
  request.on("data", (chunk) => {
    bytes.received += chunk.length;
    hash.update(chunk);
  });
  request.on("end", () => {
    bytes.requests++;
    const url = new URL(request.url, "http://sink");
    const etag = `"${hash.digest("hex")}"`;
    if (request.method === "POST" && url.searchParams.has("uploads")) {
      xml(response, `<InitiateMultipartUploadResult><UploadId>${++uploads}</UploadId></InitiateMultipartUploadResult>`);
    } else if (request.method === "POST") {
      xml(response, `<CompleteMultipartUploadResult><ETag>${etag}</ETag></CompleteMultipartUploadResult>`);
    } else {
      response.writeHead(200, { etag, "content-length": 0 }).end();
    }
  });
});
server.on("checkContinue", (request, response) => {
  response.writeContinue();
  server.emit("request", request, response);
});

function xml(response, body) {
  response.writeHead(200, { "content-type": "application/xml" }).end(body);
}

process.on("message", () => {
  process.send({ ...bytes });
  Object.assign(bytes, { received: 0, requests: 0 });
});
process.on("disconnect", () => process.exit());
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => process.send({ port: server.address().port }));
