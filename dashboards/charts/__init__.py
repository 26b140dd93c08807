"""Charts: each is a pure function of figures, their indicator and the words. Altair only, no Streamlit."""
