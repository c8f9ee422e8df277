# Triton with the models of this repository:  docker build --file deploy/kubernetes/triton.Dockerfile --tag essay-triton:1 .
FROM nvcr.io/nvidia/tritonserver:26.03-py3
COPY triton_model_repo /models
USER 1000:1000
