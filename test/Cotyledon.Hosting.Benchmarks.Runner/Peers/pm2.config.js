module.exports = {
  apps: [{
    name: "bench",
    script: `${__dirname}/pm2_worker.js`,
    exec_mode: "cluster",
    instances: Number(process.env.WORKERS),
  }],
};
