import { fireEvent, screen, waitFor } from '@testing-library/react';
import { expect, test } from 'vitest';
import { StartRunDialog } from '../../../src/features/start-run/start-run-dialog.tsx';
import { refusal, stagePage } from '../../pages/page-stage.tsx';

function setup(given: Record<string, (sent: { path: string }) => unknown> = {}) {
  const place = { organization: 'acme', environment: 'network-prod', environmentId: 'ws-1' };
  const stage = stagePage({
    page: <StartRunDialog place={place} onClose={() => {}} />,
    path: '/start',
    address: '/start',
    isOwner: false,
    answers: { 'POST /runs': () => ({ data: { id: 'run-7' } }), ...given },
  });
  return { ...stage, press: (name: string) => fireEvent.click(screen.getByRole('button', { name })) };
}

test('the last configuration is queued with a message, and the run is gone to', async () => {
  const { writes, press } = setup();
  fireEvent.click(screen.getByRole('radio', { name: 'Plan only' }));
  fireEvent.change(screen.getByRole('textbox', { name: 'Message' }), { target: { value: ' raise NAT count ' } });
  press('Queue the run');
  await waitFor(() => expect(screen.getByTestId('address').textContent).toBe('/app/acme/network-prod/runs/run-7'));
  expect(writes()[0]?.body).toMatchObject({
    data: {
      attributes: { message: 'raise NAT count', 'plan-only': true, 'is-destroy': false, 'refresh-only': false },
      relationships: { workspace: { data: { id: 'ws-1' } } },
    },
  });
});

test('a destroy needs the environment’s name, and sends it', async () => {
  const { writes, press } = setup();
  fireEvent.click(screen.getByRole('radio', { name: 'Destroy' }));
  expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Queue the destroy' }).disabled).toBe(true);
  fireEvent.change(screen.getByTestId('confirm-name'), { target: { value: 'network-prod' } });
  press('Queue the destroy');
  await waitFor(() => expect(writes().length).toBe(1));
  expect(writes()[0]?.body).toMatchObject({
    data: { attributes: { 'is-destroy': true, 'confirm-name': 'network-prod' } },
  });
});

test('an archive goes to the path that the api gave, on this host, before the run', async () => {
  const uploadUrl = 'https://public.example/uploads/a-capability';
  const { sent, writes, press } = setup({
    'POST /workspaces/ws-1/configuration-versions': () => ({
      data: { id: 'cv-1', attributes: { 'upload-url': uploadUrl } },
    }),
    'PUT /uploads/a-capability': () => undefined,
  });
  fireEvent.click(screen.getByRole('radio', { name: 'Upload a tar.gz' }));
  expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Queue the run' }).disabled).toBe(true);
  const file = new File(['x'], 'configuration.tar.gz', { type: 'application/gzip' });
  fireEvent.change(screen.getByLabelText(/Archive of the folder/), { target: { files: [file] } });
  press('Queue the run');
  await waitFor(() => expect(writes().length).toBe(3));
  expect(sent.map(({ method, path }) => `${method} ${path}`)).toEqual([
    'POST /workspaces/ws-1/configuration-versions',
    'PUT /uploads/a-capability',
    'POST /runs',
  ]);
  expect(writes()[2]?.body).toMatchObject({
    data: { relationships: { 'configuration-version': { data: { id: 'cv-1' } } } },
  });
});

test('a variable that a code needs is named, with the way to set it', async () => {
  const { press } = setup({
    'POST /runs': () => refusal(422, 'aws_variable_missing', 'AWS_MFA_SERIAL_NUMBER is set nowhere.'),
  });
  press('Queue the run');
  expect((await screen.findByRole('alert')).textContent).toContain('AWS_MFA_SERIAL_NUMBER');
  expect(screen.getByRole('link', { name: 'Set it for this environment' }).getAttribute('href')).toBe(
    '/terraform/acme/environments/network-prod/variables',
  );
});
