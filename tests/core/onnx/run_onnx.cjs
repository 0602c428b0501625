// Runs ONNX files with ONNX Runtime: node run_onnx.cjs LIST
// A line of LIST is "MODEL DIMS INPUT OUTPUT": DIMS "1,3,32,32"; INPUT and OUTPUT are files of 32-bit floats; OUTPUT gets the
// first output. Ends with 1 at the first file that the engine refuses.
const fs = require('fs');
const ort = require('onnxruntime-node');

async function run(model, dims, input, output) {
  const bytes = fs.readFileSync(input);
  const numbers = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  const session = await ort.InferenceSession.create(model, { intraOpNumThreads: 1, interOpNumThreads: 1 });
  const shape = dims.split(',').map(Number);
  const feeds = { [session.inputNames[0]]: new ort.Tensor('float32', numbers, shape) };
  const results = await session.run(feeds);
  const data = results[session.outputNames[0]].data;
  fs.writeFileSync(output, Buffer.from(data.buffer, data.byteOffset, data.byteLength));
  await session.release();
}

async function main([list]) {
  for (const line of fs.readFileSync(list, 'utf8').split('\n')) {
    if (line === '') continue;
    const [model, dims, input, output] = line.split(' ');
    try {
      await run(model, dims, input, output);
    } catch (error) {
      throw new Error(`${model}: ${error}`);
    }
  }
}

main(process.argv.slice(2)).catch((error) => {
  console.error(String(error));
  process.exit(1);
});
