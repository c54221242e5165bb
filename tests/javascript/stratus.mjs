// A stratusd of this file's own: started on a port the system chooses, killed with the tests whatever happens.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before } from 'node:test';

const programs = process.env.STRATUS_BIN ?? resolve(import.meta.dirname, '../../build/release/bin');

/** Registers start and stop with the test runner; `config` is filled when the tests run. */
export function stratus() {
  const config = { region: 'eu-west-1', maxAttempts: 1 };
  let server;
  let folder;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'stratus-js-'));
    server = spawn('setpriv', ['--pdeathsig', 'KILL', join(programs, 'stratusd'),
      '--data-dir', join(folder, 'cloud'), '--listen', '127.0.0.1:0'], { stdio: ['ignore', 'pipe', 'pipe'] });
    config.endpoint = await ready(server);
    config.credentials = await credentialsIn(join(folder, 'cloud', 'credentials'));
  });
  after(async () => {
    const ended = once(server, 'exit');
    server.kill('SIGKILL');
    await ended;
    await rm(folder, { recursive: true, force: true });
  });
  return config;
}

async function ready(server) {
  const lines = [];
  for (const stream of [server.stdout, server.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      const found = /ready.*127\.0\.0\.1:(\d+)/.exec(line);
      if (found) server.emit('listening', `http://127.0.0.1:${found[1]}`);
    });
  }
  const died = once(server, 'exit').then(() => { throw new Error(`stratusd ended: ${lines.join('\n')}`); });
  died.catch(() => {});
  const [endpoint] = await Promise.race([once(server, 'listening'), died]);
  return endpoint;
}

async function credentialsIn(path) {
  const text = await readFile(path, 'utf8');
  const value = (name) => new RegExp(`^${name}\\s*=\\s*(\\S+)`, 'm').exec(text)[1];
  return { accessKeyId: value('aws_access_key_id'), secretAccessKey: value('aws_secret_access_key') };
}

/** The error of a call that must fail, by name. */
export async function refused(promise) {
  try {
    await promise;
  } catch (error) {
    return error.name;
  }
  return 'no error';
}
