"""Charts: each is a pure function of figures, an indicator and a translator. Altair only, no Streamlit."""
