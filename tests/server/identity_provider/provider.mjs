// An OpenID provider on this machine, with the people and the faults that tests ask for.
//
// node provider.mjs PORT REDIRECT_URI…
//
// Whoever types an address is that person; « unverified… » has an address that nobody verified, « noaddress… » none.
// PUT /faults sets what is wrong with what is given out from then on: a JSON object, empty for nothing.
// GET /spent says how many milliseconds were spent on what sites themselves ask (discovery, keys, tokens, people).

import { createServer } from 'node:http';
import { exportJWK, generateKeyPair, SignJWT, decodeJwt } from 'jose';
import Provider from 'oidc-provider';

const [port, ...redirectUris] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;
const kid = 'key-1';
const { privateKey } = await generateKeyPair('RS256', { extractable: true });
const { privateKey: otherKey } = await generateKeyPair('RS256', { extractable: true });
const signingKey = { ...(await exportJWK(privateKey)), kid, alg: 'RS256', use: 'sig' };
const secret = 'a secret of the tests, long enough to sign with';
const client = { client_secret: secret, redirect_uris: redirectUris, response_types: ['code'] };
const askedBySites = new Set(['discovery', 'jwks', 'token', 'userinfo']);
let faults = {};
let spent = 0;

const provider = new Provider(issuer, {
  clients: [
    { ...client, client_id: 'plain' },
    { ...client, client_id: 'signed', userinfo_signed_response_alg: 'RS256' },
  ],
  jwks: { keys: [signingKey] },
  claims: { openid: ['sub'], email: ['email', 'email_verified'] },
  features: { devInteractions: { enabled: true }, jwtUserinfo: { enabled: true } },
  cookies: { keys: ['a key of the tests'] },
  pkce: { required: () => true },
  async findAccount(_, id) {
    const claims = id.startsWith('noaddress') ? {} : { email: id, email_verified: !id.startsWith('unverified') };
    return { accountId: id, claims: async () => ({ sub: id, ...claims }) };
  },
});

const encoded = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

// Sign claims as faults say: with the true key, another one, the client's secret, or none.
async function sign(claims, typ = 'JWT') {
  switch (faults.signature) {
    case 'none': return `${encoded({ alg: 'none', typ })}.${encoded(claims)}.`;
    case 'secret': return new SignJWT(claims).setProtectedHeader({ alg: 'HS256', typ }).sign(Buffer.from(secret));
    default: {
      const key = faults.signature === 'other' ? otherKey : privateKey;
      const header = { alg: 'RS256', typ, kid: faults.signature === 'unknown' ? 'key-2' : kid };
      const signed = await new SignJWT(claims).setProtectedHeader(header).sign(key);
      return faults.signature === 'broken' ? `${signed.slice(0, -6)}AAAAAA` : signed;
    }
  }
}

provider.use(async (ctx, next) => {
  const start = performance.now();
  await next();
  if (askedBySites.has(ctx.oidc?.route)) spent += performance.now() - start;
  if (ctx.oidc?.route === 'token' && ctx.body?.id_token && (faults.idToken || faults.signature)) {
    ctx.body.id_token = await sign({ ...decodeJwt(ctx.body.id_token), ...faults.idToken });
  }
  if (ctx.oidc?.route === 'token' && faults.withoutIdToken) delete ctx.body.id_token;
  if (ctx.oidc?.route === 'userinfo' && ctx.status === 200 && faults.userinfo) {
    const isSigned = typeof ctx.body === 'string';
    const claims = { ...(isSigned ? decodeJwt(ctx.body) : ctx.body), ...faults.userinfo };
    ctx.body = isSigned ? await sign(claims) : claims;
    if (isSigned) ctx.type = 'application/jwt';
  }
  if (ctx.oidc?.route === 'userinfo' && faults.userinfoText !== undefined) {
    ctx.type = faults.userinfoType ?? 'application/json';
    ctx.body = faults.userinfoText;
  }
  if (ctx.oidc?.route === 'discovery' && faults.discovery) ctx.body = { ...ctx.body, ...faults.discovery };
  if (ctx.oidc?.route === faults.failingRoute) { ctx.status = 503; ctx.body = 'down'; }
});

const answer = provider.callback();
createServer((request, response) => {
  if (request.url === '/spent') return response.end(String(spent));
  if (request.url !== '/faults') return answer(request, response);
  let text = '';
  request.on('data', (part) => { text += part; });
  request.on('end', () => { faults = JSON.parse(text); response.end(); });
}).listen(Number(port), '127.0.0.1', () => console.log('listening'));
