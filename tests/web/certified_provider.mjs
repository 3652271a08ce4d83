// An OpenID provider that somebody else wrote and had certified, for one client and a few people.
// It says its port, is then told {redirect, signedOut, people} in one line, and says "ready".
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import Provider from "oidc-provider";

const server = createServer();
server.listen(0, "localhost", () => {
  console.log(server.address().port);
});

createInterface({ input: process.stdin }).once("line", (line) => {
  const { redirect, signedOut, people } = JSON.parse(line);
  const provider = new Provider(`http://localhost:${server.address().port}`, {
    clients: [
      {
        client_id: "jalon",
        client_secret: "secret of tests",
        redirect_uris: [redirect],
        post_logout_redirect_uris: [signedOut],
      },
    ],
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
    findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id, ...people[id] }) }),
    pkce: { required: () => true },
  });
  server.on("request", provider.callback());
  console.log("ready");
});
