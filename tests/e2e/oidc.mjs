// Signing in with a real identity provider: oidc-provider, in this process, and a running heed at HEED_URL whose owner
// comes in by HEED_LINK. Prints a line for each thing it shows, as scenarios do.
import { generateKeyPairSync } from 'node:crypto'
import { createServer } from 'node:http'
import Provider from 'oidc-provider'

const heed = process.env.HEED_URL, link = process.env.HEED_LINK

function ok(name, right, why = '') {
    console.log(right ? `ok ${name}` : `not ok ${name}: ${why}`)
}

// ---- a browser: cookies by host and port, redirects only when told ----

class Browser {
    jars = new Map()
    async ask(url, options = {}) {
        const at = new URL(url), jar = this.jars.get(at.host) ?? new Map()
        this.jars.set(at.host, jar)
        const headers = { ...options.headers }
        if (jar.size) headers.cookie = [...jar].map(([k, v]) => `${k}=${v}`).join('; ')
        const reply = await fetch(url, { ...options, headers, redirect: 'manual' })
        for (const line of reply.headers.getSetCookie()) {
            const [name, ...rest] = line.split(';')[0].split('=')
            if (/max-age=0|expires=thu, 01 jan 1970/i.test(line)) jar.delete(name)
            else jar.set(name, rest.join('='))
        }
        return { status: reply.status, to: reply.headers.get('location'), text: await reply.text(), url }
    }
    form(url, fields) {
        const headers = { 'content-type': 'application/x-www-form-urlencoded', origin: new URL(url).origin }
        return this.ask(url, { method: 'POST', headers, body: new URLSearchParams(fields) })
    }
    async me() {
        return JSON.parse((await this.ask(`${heed}/api/me`)).text)
    }
    async send(method, path, body, more = {}) {
        const { csrf } = await this.me()
        const headers = { 'content-type': 'application/json', 'x-csrf-token': csrf, ...more }
        const reply = await this.ask(heed + path, { method, headers, body: JSON.stringify(body) })
        return { status: reply.status, body: reply.text ? JSON.parse(reply.text) : null }
    }
}

// ---- the provider ----

function jwk(type, options, kid) {
    return { ...generateKeyPairSync(type, options).privateKey.export({ format: 'jwk' }), kid, use: 'sig' }
}

const people = {
    ben: { email: 'ben@example.org', email_verified: true, name: 'Ben Sauer' },
    carla: { email: 'carla@corp.example', email_verified: true, name: 'Carla' },
    eve: { email: 'ada@example.org', email_verified: false, name: 'Eve' }, // says she is the owner
    gus: { email: 'gus@corp.example', email_verified: false, name: 'Gus' },
    ada: { email: 'ada@example.org', email_verified: true, name: 'Ada' },
}

function client(id, more) {
    return { client_id: id, client_secret: `a secret of ${id}:%+`, redirect_uris: [`${heed}/signin/oidc/return`], ...more }
}

async function startProvider() {
    const server = createServer()
    await new Promise(done => server.listen(0, '127.0.0.1', done))
    const issuer = `http://127.0.0.1:${server.address().port}`
    const provider = new Provider(issuer, {
        clients: [
            client('heed'),
            client('heed-es', { id_token_signed_response_alg: 'ES256' }),
            client('heed-post', { token_endpoint_auth_method: 'client_secret_post' }),
            client('heed-public', { client_secret: undefined, token_endpoint_auth_method: 'none' }),
        ],
        jwks: { keys: [jwk('rsa', { modulusLength: 2048 }, 'one'), jwk('ec', { namedCurve: 'P-256' }, 'two')] },
        cookies: { keys: ['a key of this test'] },
        pkce: { required: () => true },
        claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
        findAccount: (ctx, id) => ({ accountId: id, claims: () => ({ sub: id, ...people[id] }) }),
        ttl: { AuthorizationCode: 60, AccessToken: 60, IdToken: 60, Interaction: 600, Session: 600, Grant: 600 },
    })
    server.on('request', provider.callback())
    return { issuer, server }
}

// Through the provider's own pages: who one is, and that heed may know. Ends with where it sends the browser.
async function consent(b, from, login) {
    let page = await b.ask(from)
    for (let i = 0; i < 12; i++) {
        if (page.to) {
            const to = new URL(page.to, page.url).href
            if (to.startsWith(heed)) return to
            page = await b.ask(to)
            continue
        }
        const action = page.text.match(/action="([^"]+)"/)?.[1]
        const prompt = page.text.match(/name="prompt" value="([^"]+)"/)?.[1]
        if (!action || !prompt) throw new Error(`no form at ${page.url}: ${page.status} ${page.text.slice(0, 200)}`)
        page = await b.form(new URL(action, page.url).href, { prompt, login, password: 'any' })
    }
    throw new Error('the provider goes round in circles')
}

async function signIn(b, login, next = '/') {
    const begun = await b.ask(`${heed}/signin/oidc?next=${encodeURIComponent(next)}`)
    if (begun.status !== 303) return begun
    return await b.ask(await consent(b, begun.to, login))
}

// ---- what is shown ----

const { issuer, server } = await startProvider()
try {
    const ada = new Browser()
    const joined = await ada.form(link, { email: 'ada@example.org', name: 'Ada', password: 'tulips in a blue jar' })
    ok('the owner comes in by the link', joined.status === 303 && (await ada.me()).role === 'owner', joined.text)
    await ada.send('POST', '/api/accounts', { email: 'ben@example.org', role: 'agent' })
    let version = 0
    const set = async more => {
        const all = { issuer, client_id: 'heed', client_secret: 'a secret of heed:%+', inside: true, ...more }
        const reply = await ada.send('PUT', '/api/settings/oidc', all, { 'if-match': `"${version}"` })
        version = reply.body.version ?? version
        return reply
    }
    const stored = await set({})
    ok('the settings are taken', stored.status === 200 && stored.body.redirect === `${heed}/signin/oidc/return`, JSON.stringify(stored))
    ok('the secret is not shown', !JSON.stringify(stored.body).includes('a secret'))

    const ben = new Browser()
    ok('the form offers the provider', (await ben.ask(`${heed}/signin`)).text.includes('/signin/oidc?next='))
    const back = await signIn(ben, 'ben', '/account')
    ok('an invited colleague comes in', back.status === 303 && back.to === '/account', `${back.status} ${back.text}`)
    const me = await ben.me()
    ok('as who they are', me.name === 'ben@example.org' && me.role === 'agent', JSON.stringify(me))
    const again = new Browser()
    await signIn(again, 'ben')
    ok('and again as the same', (await again.me()).id === me.id)

    const eve = new Browser(), refused = await signIn(eve, 'eve')
    ok('an e-mail that is not verified opens nothing', refused.status === 403 && !(await eve.me()).id, `${refused.status}`)
    const carla = new Browser(), uninvited = await signIn(carla, 'carla')
    ok('whoever is not invited stays out', uninvited.status === 403, `${uninvited.status}`)
    const taken = new Browser(), taking = await signIn(taken, 'ada')
    ok('an account with a password is not taken over', taking.status === 403 && taking.text.includes('connect'), taking.text)
    const linked = await signIn(ada, 'ada', '/account')
    ok('its owner connects it, signed in', linked.status === 303, `${linked.status} ${linked.text}`)
    const adaAgain = new Browser()
    await signIn(adaAgain, 'ada')
    ok('and comes in by the provider then', (await adaAgain.me()).role === 'owner')

    await set({ domain: 'corp.example', role: 'viewer' })
    const welcome = await signIn(carla, 'carla')
    ok('the company may let its domain in', welcome.status === 303 && (await carla.me()).role === 'viewer', welcome.text)
    const gus = new Browser()
    ok('but for verified e-mails alone', (await signIn(gus, 'gus')).status === 403)

    for (const [id, what] of [['heed-es', 'keys of elliptic curves'], ['heed-post', 'a secret in the body'], ['heed-public', 'no secret, but PKCE']]) {
        await set({ client_id: id, client_secret: id === 'heed-public' ? '' : `a secret of ${id}:%+` })
        const b = new Browser(), came = await signIn(b, 'ben')
        ok(`it works with ${what}`, came.status === 303 && (await b.me()).id === me.id, `${came.status} ${came.text}`)
    }
    await set({ client_secret: 'another' })
    const wrong = await signIn(new Browser(), 'ben')
    ok('a wrong secret is told', wrong.status === 403 && wrong.text.includes('invalid_client'), `${wrong.status} ${wrong.text}`)
    await set({})

    const thief = new Browser(), victim = new Browser()
    const begun = await victim.ask(`${heed}/signin/oidc`), answer = await consent(victim, begun.to, 'ben')
    ok('an answer counts only in the browser that asked', (await thief.ask(answer)).status === 403)
    await thief.ask(`${heed}/signin/oidc`)
    ok('also when the other one asked something too', (await thief.ask(answer)).status === 403 && !(await thief.me()).id)
    const forged = new URL(answer)
    forged.searchParams.set('state', 'x'.repeat(43))
    ok('a changed state is refused', (await victim.ask(forged.href)).status === 403)
    const other = new URL(answer)
    other.searchParams.set('iss', 'https://evil.example')
    ok('another issuer is refused', (await victim.ask(other.href)).status === 403)
    ok('the right one passes', (await victim.ask(answer)).status === 303)
    ok('and once only', (await victim.ask(answer)).status === 403)
    const denied = new Browser(), asked = await denied.ask(`${heed}/signin/oidc`)
    const state = new URL(asked.to).searchParams.get('state')
    const said = await denied.ask(`${heed}/signin/oidc/return?error=access_denied&state=${state}`)
    ok('a refusal of the provider is told', said.status === 403 && said.text.includes('access_denied'), said.text)

    await set({ issuer: 'http://127.0.0.1:1' })
    const gone = await new Browser().ask(`${heed}/signin/oidc`)
    ok('a provider that is not there is told', gone.status === 503, `${gone.status} ${gone.text}`)
    await set({ issuer: `${issuer}/` })
    const named = await new Browser().ask(`${heed}/signin/oidc`)
    ok('another name of it is told', named.status === 403 && named.text.includes(issuer), `${named.status} ${named.text}`)
    await set({ issuer: issuer.replace('http:', 'https:'), inside: false })
    ok('addresses of our own network are refused unless allowed', (await new Browser().ask(`${heed}/signin/oidc`)).status === 403)
    const log = JSON.parse((await ada.ask(`${heed}/api/audit?action=session.create`)).text)
    ok('every sign-in is noted', log.items.length >= 5 && log.items.every(x => x.who === x.subject), JSON.stringify(log))
} catch (e) {
    console.log(`not ok oidc: ${e.stack}`)
} finally {
    server.closeAllConnections()
    server.close()
}
