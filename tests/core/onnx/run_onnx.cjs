// Runs an ONNX file with ONNX Runtime: node run_onnx.cjs MODEL DIMS INPUT OUTPUT
// DIMS "1,3,32,32"; INPUT and OUTPUT are files of 32-bit floats; OUTPUT gets the first output.
const fs = require('fs');
const ort = require('onnxruntime-node');

async function main([model, dims, input, output]) {
  const bytes = fs.readFileSync(input);
  const numbers = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  const session = await ort.InferenceSession.create(model, { intraOpNumThreads: 1 });
  const shape = dims.split(',').map(Number);
  const feeds = { [session.inputNames[0]]: new ort.Tensor('float32', numbers, shape) };
  const results = await session.run(feeds);
  const data = results[session.outputNames[0]].data;
  fs.writeFileSync(output, Buffer.from(data.buffer, data.byteOffset, data.byteLength));
}

main(process.argv.slice(2)).catch((error) => {
  console.error(String(error));
  process.exit(1);
});
